import type { Crypto, Signer } from '../../crdt/crypto/index.ts'
import type { Channel, Clock, Logger } from '../core/index.ts'
import type { MailboxAddress } from './mailbox-address.ts'
import type { OwnBox, OwnBoxes } from './own-boxes.ts'
import type { Unpacker } from './unpacker.ts'
import { Visit, type VisitState } from './visit.ts'
import type { Witness } from './witness.ts'

export interface CollectorComponents {
  readonly own: OwnBoxes
  readonly unpacker: Unpacker
  readonly witness: Pick<Witness, 'taken' | 'emptied'>
  /** Transport key of this device: acknowledgements are signed with what names the box */
  readonly transport: Signer
  readonly crypto: Crypto
  /** Who may deposit */
  readonly contacts: () => Uint8Array[]
  /** What strangers see of the box */
  readonly describe: () => Promise<{ readonly records: readonly Uint8Array[]; readonly head: Uint8Array }>
  readonly channelTo: (mailbox: MailboxAddress, options: { signal: AbortSignal }) => Promise<Channel>
  readonly clock?: Clock
  readonly log?: Logger
}

export interface CollectorInit {
  /** Milliseconds between two looks into a box */
  readonly everyMs?: number
  /** ms since 1970 */
  readonly now?: () => number
}

/** Empties the boxes of this device: what is on synced storage here is acknowledged, and only that. */
export class Collector {
  readonly #components: CollectorComponents
  readonly #everyMs: number
  readonly #now: () => number
  readonly #visits = new Map<string, Visit>()

  constructor(components: CollectorComponents, { everyMs = 60_000, now = Date.now }: CollectorInit = {}) {
    this.#components = components
    this.#everyMs = everyMs
    this.#now = now
  }

  start(): void {
    for (const box of this.#components.own.all()) this.add(box)
  }

  async stop(): Promise<void> {
    const visits = [...this.#visits.values()]
    this.#visits.clear()
    await Promise.all(visits.map(visit => visit.stop()))
  }

  /** Begins to visit a mailbox; resolves when the first visit is over, well or not. */
  add(box: OwnBox): Promise<void> {
    const known = this.#visits.get(box.id)
    if (known !== undefined) return known.now()
    const visit = new Visit(this.#components, box, this.#everyMs, this.#now)
    this.#visits.set(box.id, visit)
    return visit.now()
  }

  /** Empties a box once more and gives it up, as far as its mailbox is reached. */
  async remove(box: OwnBox): Promise<void> {
    const visit = this.#visits.get(box.id)
    this.#visits.delete(box.id)
    await visit?.leave()
    await this.#components.witness.emptied(box)
  }

  stateOf(id: string): VisitState {
    return this.#visits.get(id)?.state ?? { state: 'waiting' }
  }

  /** The mailbox was reached: look now. */
  poke(id: string): void {
    void this.#visits.get(id)?.now()
  }

  /** Contacts, devices or mailboxes changed: each box is opened anew. */
  refresh(): void {
    for (const visit of this.#visits.values()) visit.refresh()
  }

  /** A space was opened: what waited for it is collected again. */
  again(): void {
    for (const visit of this.#visits.values()) visit.again()
  }
}
