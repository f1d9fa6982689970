import { textToTwin } from '../../crdt/identity/index.ts'
import type { Logger } from '../core/index.ts'
import { cleanName } from './clean-name.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'

export interface AcceptanceComponents {
  readonly book: ContactBook
  readonly device: number
  readonly log: Logger
  /** Whether it is for this twin to open the conversation */
  opens(twin: Uint8Array): boolean
  /** The conversation, opened if that is for this twin to do and the devices of the other are known */
  direct(twin: Uint8Array): Promise<unknown>
}

/** Makes contacts, and opens the conversation with each as soon as that can be done. */
export class Acceptance {
  readonly #components: AcceptanceComponents
  /** Contacts whose conversation could not be opened yet, because their devices were not known for example */
  readonly #unopened = new Set<string>()

  constructor(components: AcceptanceComponents) {
    this.#components = components
  }

  /** A crash may have come between becoming contacts and opening the conversation. */
  async start(): Promise<void> {
    for (const { id, state, device } of this.#components.book.all()) {
      // Only the device that decided opens it, so that two do not
      if (state === 'contact' && device === this.#components.device) await this.#open(id)
    }
  }

  async onReachable(twin: string): Promise<void> {
    if (this.#unopened.has(twin)) await this.#open(twin)
  }

  /** To be called inside `exclusively`. `shown`: the name they go by, taken unless the owner chose one. */
  async becomeContact(record: ContactRecord, changes: { told: boolean; shown?: string }): Promise<ContactRecord> {
    const { book, device } = this.#components
    const { token: _token, greeting: _greeting, before: _before, message: _message, ...kept } = record
    const isNamed = record.named === true || changes.shown === undefined
    const name = isNamed ? record.name : book.freeNameFor(cleanName(changes.shown!, record.id), record.id)
    const contact = await book.put({ ...kept, name, state: 'contact', told: changes.told, device })
    await this.#open(record.id)
    return contact
  }

  async #open(id: string): Promise<void> {
    this.#unopened.add(id)
    try {
      const space = await this.#components.direct(textToTwin(id))
      if (space !== undefined || !this.#components.opens(textToTwin(id))) this.#unopened.delete(id)
    } catch (error) {
      // The contact stands; it is tried again when they are reached
      this.#components.log.warn('The conversation with a contact could not be opened: %o', error)
    }
  }
}
