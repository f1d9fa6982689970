import type { Space, Spaces } from '../crdt/index.ts'

/** Resolves once a space that is meant is here; rejects when it is waited for no longer. */
export async function spaceArrived(
  spaces: Spaces,
  isMeant: (space: Space) => boolean,
  signal?: AbortSignal
): Promise<void> {
  const isHere = () => spaces.list().some(isMeant)
  if (isHere()) return
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      for (const undo of undos) undo()
    }
    const undos = [
      ...(['open', 'change'] as const).map(event =>
        spaces.on(event, () => {
          if (!isHere()) return
          stop()
          resolve()
        })
      )
    ]
    const giveUp = () => {
      stop()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    undos.push(() => signal?.removeEventListener('abort', giveUp))
  })
}
