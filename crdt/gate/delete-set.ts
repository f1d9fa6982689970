import * as Y from 'yjs'
import type { Draft } from './draft.ts'
import { Refusal } from './refusal.ts'
import { MAX_CLOCK, MAX_DELETES } from './rules.ts'
import type { UpdateReader } from './update-reader.ts'

/** Reads the second half of an update: ranges in order, each inside what is known once the first half is applied. Returns how many. */
export function readDeleteSet(reader: UpdateReader, draft: Draft): number {
  const clients = reader.uint()
  let total = 0
  let lastClient = Number.POSITIVE_INFINITY
  for (let i = 0; i < clients; i++) {
    const client = reader.uint()
    if (client >= lastClient) throw new Refusal('delete', 'The authors of deleted items are not in order')
    lastClient = client
    const count = reader.uint()
    if (count === 0) throw new Refusal('delete', 'An author of deleted items is named without a range')
    total += count
    if (total > (draft.rules.maxDeletes ?? MAX_DELETES)) throw new Refusal('size', 'The update has too many deletions')
    const isAuthor = client === draft.rules.client
    const known = isAuthor ? draft.clock : Y.getState(draft.doc.store, client)
    let end = -1
    for (let j = 0; j < count; j++) {
      const clock = reader.uint()
      const length = reader.uint()
      if (length === 0) throw new Refusal('delete', 'A deleted range is empty')
      if (clock <= end) throw new Refusal('delete', 'Deleted ranges are not in order')
      end = clock + length
      if (end > MAX_CLOCK) throw new Refusal('delete', 'A deleted range is beyond what any author can reach')
      if (end > known) {
        const lacks = { client, clock: end }
        throw new Refusal(isAuthor ? 'delete' : 'missing', 'A deleted range is beyond what is known', lacks)
      }
    }
  }
  return total
}
