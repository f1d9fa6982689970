import { ProtocolError } from '../core/index.ts'
import { cleanName } from './clean-name.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'
import type { Invites } from './invites.ts'
import { KnockPool, knockExpiryMs, maxKnocking } from './knock-pool.ts'

export interface DoorComponents {
  readonly book: ContactBook
  readonly invites: Invites
  readonly now: () => number
  name(): Promise<string>
  becomeContact(record: ContactRecord, changes: { told: boolean; shown?: string }): Promise<ContactRecord>
}

/** What other twins may say to this one before they are contacts. Everything they say is small, counted and checked. */
export class Door {
  readonly #components: DoorComponents
  readonly #pool: KnockPool

  constructor(components: DoorComponents) {
    this.#components = components
    this.#pool = new KnockPool(components.now)
  }

  async knock(
    request: { name: string; message?: string; token?: Uint8Array },
    twin: string | undefined
  ): Promise<{ state: 'requested' } | { state: 'contact'; name: string }> {
    const { book, invites, becomeContact } = this.#components
    const id = needTwin(twin)
    return await book.exclusively(async () => {
      const record = book.get(id)
      if (record?.state === 'blocked') throw refused()
      if (record?.state === 'contact') return this.#agreed()
      // Both asked, or they hold a token: nobody is left to be asked
      const isInvited = request.token !== undefined && (await invites.redeem(request.token, id))
      if (record?.state === 'requested' || isInvited) {
        await becomeContact(record ?? this.#newRecord(id, request.name), { told: true, shown: request.name })
        return this.#agreed()
      }
      await this.#wait(id, request, record)
      return { state: 'requested' }
    })
  }

  async accepted(name: string, twin: string | undefined): Promise<{ state: 'contact' }> {
    const { book, becomeContact } = this.#components
    const id = needTwin(twin)
    return await book.exclusively(async () => {
      const record = book.get(id)
      if (record?.state === 'blocked') throw refused()
      if (record?.state !== 'requested' && record?.state !== 'contact') {
        throw new ProtocolError('FailedPrecondition', 'This twin did not ask')
      }
      if (record.state === 'requested') await becomeContact(record, { told: true, shown: name })
      return { state: 'contact' }
    })
  }

  /** Puts a stranger on the list of those who knock, in the one small pool that all of them share. */
  async #wait(
    id: string,
    request: { name: string; message?: string },
    record: ContactRecord | undefined
  ): Promise<void> {
    const { book, now } = this.#components
    // Knocking again says nothing new
    if (record?.state === 'knocking' && record.message === request.message) return
    if (!this.#pool.take())
      throw new ProtocolError('ResourceExhausted', 'Too many strangers are knocking, try again later')
    if (record === undefined) await this.#makeRoom(now())
    const knocking = record ?? this.#newRecord(id, request.name)
    await book.put({ ...knocking, addedAt: now(), message: request.message })
  }

  async #makeRoom(now: number): Promise<void> {
    const { book } = this.#components
    const knocking = book.all().filter(({ state }) => state === 'knocking')
    if (knocking.length < maxKnocking) return
    const oldest = knocking.reduce((a, b) => (a.addedAt <= b.addedAt ? a : b))
    if (now - oldest.addedAt < knockExpiryMs) {
      throw new ProtocolError('ResourceExhausted', 'Too many strangers are knocking, try again later')
    }
    await book.delete(oldest.id)
  }

  #newRecord(id: string, shown: string): ContactRecord {
    const { book, now } = this.#components
    const name = book.freeNameFor(cleanName(shown, id), id)
    return { id, name, state: 'knocking', verified: false, addedAt: now() }
  }

  async #agreed(): Promise<{ state: 'contact'; name: string }> {
    return { state: 'contact', name: await this.#components.name() }
  }
}

function needTwin(twin: string | undefined): string {
  if (twin === undefined) throw new ProtocolError('Unauthenticated', 'Say hello first: a knock needs a twin')
  return twin
}

/** The same words as for everybody who may not do something: being blocked is not told. */
function refused(): ProtocolError {
  return new ProtocolError('PermissionDenied', 'This twin does not take requests')
}
