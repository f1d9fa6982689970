import type { KeyValue } from '../../crdt/key-value/index.ts'
import { shortId } from './clean-name.ts'
import { type BookListener, ContactBook } from './contact-book.ts'
import type { ContactState } from './protocol.ts'

/** States of people that other capabilities may deal with. */
const known: readonly ContactState[] = ['contact', 'requested']

/** Who people are to this twin, read off the records in its own space: what chat, kv and hello ask. */
export class People {
  readonly #book: ContactBook

  constructor(book: ContactBook) {
    this.#book = book
  }

  /** How this twin sees another, for hello and for the acceptance of spaces. */
  classOf(twin: string): 'contact' | 'blocked' | 'stranger' {
    const state = this.#book.get(twin)?.state
    return state === 'contact' || state === 'blocked' ? state : 'stranger'
  }

  /** Twins to stay connected with: contacts, and those who were asked. */
  wanted(): string[] {
    return this.#book.all().flatMap(({ id, state }) => (known.includes(state) ? [id] : []))
  }

  /** Hash of a record that a twin's device list holds, by the invite it gave. */
  expectedHead(twin: string): Uint8Array | undefined {
    return this.#book.get(twin)?.head
  }

  /** Petname of a twin, or the end of its id. */
  nameOf(twin: string): string {
    return this.#book.get(twin)?.name ?? shortId(twin)
  }

  /**
   * Whom the owner means by a petname, a twin id or the beginning of one.
   *
   * @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit
   */
  resolve(who: string): { id: string; name: string; state: ContactState } {
    return this.#book.find(who, known)
  }

  onChange(listener: BookListener): () => void {
    return this.#book.onChange(listener)
  }
}

/** People on a device that only reads who they are and leaves knocks and answers to its twin's nodes. */
export async function readPeople(table: KeyValue): Promise<{ people: People; stop(): Promise<void> }> {
  const book = new ContactBook(table)
  await book.start()
  return { people: new People(book), stop: () => book.stop() }
}

/** Where the records are in the twin's own space. */
export const contactsNamespace = '.contacts'
