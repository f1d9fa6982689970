import * as Y from 'yjs'
import { decodeRun, linkRun, openPayload, type Payload, zeroHash } from '../log/index.ts'
import type { EditJob } from './edit-job.ts'
import { UpdateMover } from './move-update.ts'
import { SpaceError } from './space.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

class MisplacedError extends Error {
  override readonly name = 'MisplacedError'
}

interface AsideRun {
  /** Of its row */
  readonly key: string
  readonly payloads: readonly Payload[]
  /** Of its payloads, those that are not written again */
  left: number
}

/**
 * Writes again, as edits, what was set aside: all of it in one group, for what stands behind builds on what is before.
 *
 * @returns how many entries were written, or undefined when the store failed
 */
export async function resubmit(
  context: SpaceContext,
  own: SpaceLog,
  add: (job: EditJob) => void
): Promise<number | undefined> {
  const runs = await readAside(context, own)
  const movers = new Map<string, UpdateMover>()
  const outcomes = runs.flatMap(run =>
    run.payloads.map(({ document, update, origin }) => {
      const mover = movers.get(document) ?? new UpdateMover(own.client)
      movers.set(document, mover)
      return new Promise<'written' | 'refused' | 'failed'>(resolve =>
        add({
          document,
          origin,
          edit: (doc, transaction) => {
            try {
              Y.applyUpdate(doc, mover.move(update, Y.getState(doc.store, own.client)))
            } catch (cause) {
              throw new MisplacedError('It has no place any more', { cause })
            }
            // It is ours, though it came as bytes
            transaction.local = true
            if (doc.store.pendingStructs !== null) throw new MisplacedError('What it builds on is not there')
          },
          isTogether: true,
          // With the last of a run goes the run, in the same batch
          stored: batch => {
            if (--run.left === 0) batch.del(run.key)
          },
          resolve: () => resolve('written'),
          reject: cause => {
            // Else the group failed, and with it all of them
            const isRefused =
              cause instanceof MisplacedError ||
              cause instanceof TypeError ||
              (cause instanceof SpaceError && cause.code !== 'fenced')
            if (isRefused) context.log.warn('An entry that was set aside could not be written again', cause)
            resolve(isRefused ? 'refused' : 'failed')
          }
        })
      )
    })
  )
  const all = await Promise.all(outcomes)
  return all.includes('failed') ? undefined : all.filter(outcome => outcome === 'written').length
}

async function readAside({ store, keys, crypto, id, keyRing }: SpaceContext, own: SpaceLog): Promise<AsideRun[]> {
  const runs: AsideRun[] = []
  for await (const [key, bytes] of store.under(`${keys.aside}${own.key}/`)) {
    const run = decodeRun(bytes)
    const { headers } = linkRun(crypto, id, own.id, run, run.prev ?? zeroHash)
    const sealing = keyRing.entryKey(own, run.epoch)
    if (sealing === undefined) continue
    const payloads: Payload[] = []
    for (const [index, { sealed }] of run.entries.entries()) {
      const payload = await openPayload(crypto, sealing, headers[index]!, sealed)
      if (payload !== undefined) payloads.push(payload)
    }
    runs.push({ key, payloads, left: payloads.length })
  }
  return runs
}
