import { shortId } from './clean-name.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'
import { isTwinId } from './invite-link.ts'
import { contactStates } from './protocol.ts'

/** Keeps somebody out, also a twin that was never heard of. */
export function block(book: ContactBook, who: string, now: number): Promise<ContactRecord> {
  return book.exclusively(async () => {
    if (isTwinId(who) && book.get(who) === undefined) {
      const name = book.freeNameFor(shortId(who), who)
      return await book.put({ id: who, name, verified: false, addedAt: now, state: 'blocked' })
    }
    const record = book.find(who, contactStates)
    if (record.state === 'blocked') return record
    return await book.put({ ...record, state: 'blocked', before: record.state })
  })
}

/** Gives back what was before; of a twin that was never anything but blocked nothing is kept. */
export function unblock(book: ContactBook, who: string): Promise<ContactRecord> {
  return book.exclusively(async () => {
    const { before, ...record } = book.find(who, ['blocked'])
    if (before !== undefined) return await book.put({ ...record, state: before })
    await book.delete(record.id)
    return record
  })
}
