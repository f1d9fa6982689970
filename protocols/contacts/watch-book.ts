import type { ContactBook } from './contact-book.ts'
import { recordToContact } from './contact-record.ts'
import type { Contact } from './protocol.ts'

export interface ContactChange {
  readonly type: 'put' | 'delete'
  readonly contact: Contact
}

/** Changes of the list; of a contact that changes faster than they are taken only the newest is kept. */
export async function* watchBook(book: ContactBook, signal: AbortSignal): AsyncGenerator<ContactChange> {
  const changed = new Map<string, ContactChange>()
  let wake = () => {}
  const stop = book.onChange(({ type, record }) => {
    changed.set(record.id, { type, contact: recordToContact(record) })
    wake()
  })
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      for (const [id, change] of changed) {
        changed.delete(id)
        yield change
      }
      await new Promise<void>(resolve => {
        wake = resolve
        if (changed.size > 0 || signal.aborted) resolve()
      })
    }
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}
