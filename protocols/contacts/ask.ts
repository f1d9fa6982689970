import { ProtocolError } from '../core/index.ts'
import { shortId } from './clean-name.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'

export interface Wish {
  readonly id: string
  /** Petname the owner chose */
  readonly name: string | undefined
  readonly greeting: string | undefined
  readonly token: Uint8Array | undefined
  readonly head: Uint8Array | undefined
}

/**
 * Puts down that the owner wants somebody as a contact; whoever knocks already is one by that. To be called inside
 * `exclusively`. Answers whether there is something to tell them.
 */
export async function ask(
  book: ContactBook,
  { id, name, greeting, token, head }: Wish,
  now: number,
  accept: (record: ContactRecord) => Promise<unknown>
): Promise<boolean> {
  const record = book.get(id)
  if (record?.state === 'blocked') {
    throw new ProtocolError('FailedPrecondition', 'This twin is blocked; unblock it first')
  }
  if (record?.state === 'contact') return false
  if (record?.state === 'knocking') {
    await accept(name === undefined ? record : { ...record, name, named: true })
    return true
  }
  await book.put({
    addedAt: now,
    verified: false,
    ...record,
    id,
    state: 'requested',
    name: name ?? record?.name ?? book.freeNameFor(shortId(id), id),
    named: name !== undefined || record?.named === true,
    ...(greeting !== undefined && { greeting }),
    ...(head !== undefined && { head }),
    ...(token !== undefined && { token, delivered: false })
  })
  return true
}
