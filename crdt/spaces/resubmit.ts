import * as Y from 'yjs'
import { decodeRun, linkRun, openPayload, zeroHash } from '../log/index.ts'
import { UpdateMover } from './move-update.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'
import type { EditJob } from './writer.ts'

/** Writes again, as edits, what was set aside; how many entries it were. */
export async function resubmit(context: SpaceContext, own: SpaceLog, add: (job: EditJob) => void): Promise<number> {
  const { store, keys, crypto, id, keyRing, log } = context
  const movers = new Map<string, UpdateMover>()
  const waiting: Promise<boolean>[] = []
  for await (const [key, bytes] of store.under(`${keys.aside}${own.key}/`)) {
    const run = decodeRun(bytes)
    const { headers } = linkRun(crypto, id, own.id, run, run.prev ?? zeroHash)
    let isWhole = true
    const sealing = keyRing.entryKey(own, run.epoch)
    if (sealing === undefined) continue
    for (const [index, { sealed }] of run.entries.entries()) {
      const payload = await openPayload(crypto, sealing, headers[index]!, sealed)
      if (payload === undefined) continue
      const { document, update, origin } = payload
      const mover = movers.get(document) ?? new UpdateMover(own.client)
      movers.set(document, mover)
      const isLast = index === run.entries.length - 1
      waiting.push(
        new Promise(resolve =>
          add({
            document,
            origin,
            edit: (doc, transaction) => {
              Y.applyUpdate(doc, mover.move(update, Y.getState(doc.store, own.client)))
              // It is ours, though it came as bytes
              transaction.local = true
              if (doc.store.pendingStructs !== null) throw new Error('What it builds on is not there')
            },
            // With the last of a run goes the run, in the same batch
            stored: batch => {
              if (isLast && isWhole) batch.del(key)
            },
            resolve: () => resolve(true),
            reject: cause => {
              isWhole = false
              log.warn('An entry that was set aside could not be written again', cause)
              resolve(false)
            }
          })
        )
      )
    }
  }
  return (await Promise.all(waiting)).filter(Boolean).length
}
