import type { DeviceDirectory } from '../../crdt/identity/index.ts'
import { textToTwin, twinToText } from '../../crdt/identity/index.ts'
import { type CallContext, type Logger, ProtocolError } from '../core/index.ts'
import type { Collector } from './collector.ts'
import type { MailboxAddress } from './mailbox-address.ts'
import type { MailboxHost } from './mailbox-host.ts'
import type { Offers } from './offers.ts'
import type { OwnBox, OwnBoxes } from './own-boxes.ts'
import { type MailboxRow, maxMailboxes, type OfferRow, type ToldRow } from './protocol.ts'
import type { Told, ToldBoxes } from './told-boxes.ts'

export interface MailboxDeskComponents {
  readonly host: MailboxHost
  readonly own: OwnBoxes
  readonly offers: Offers
  readonly told: ToldBoxes
  readonly collector: Collector
  readonly directory: DeviceDirectory
  readonly contacts: {
    /** Throws `NotFound` or `FailedPrecondition` */
    resolve(who: string): { readonly id: string; readonly name: string; readonly state: string }
    nameOf(twin: string): string
  }
  /** The mailbox that an address names; `undefined` for what is no address */
  readonly parseAddress: (text: string) => MailboxAddress | undefined
  /** The mailboxes of this device changed: contacts and records have to say so */
  readonly onOwnChanged: () => void
  /** A contact told of its mailboxes */
  readonly onTold: (twin: Uint8Array) => void
  readonly log: Logger
}

/** What the owner decides about mailboxes, and what contacts say about theirs. */
export class MailboxDesk {
  readonly #components: MailboxDeskComponents

  constructor(components: MailboxDeskComponents) {
    this.#components = components
  }

  async use({ mailbox }: { mailbox: string }): Promise<MailboxRow> {
    const { own, collector, onOwnChanged } = this.#components
    const address = this.#addressOf(mailbox)
    if (own.get(twinToText(address.key)) === undefined && own.all().length >= maxMailboxes)
      throw new ProtocolError('ResourceExhausted', `A device has at most ${maxMailboxes} mailboxes`)
    const box = await own.add(address)
    await collector.add(box)
    onOwnChanged()
    return this.#rowOf(box)
  }

  async drop({ mailbox }: { mailbox: string }): Promise<{ id: string; dropped: boolean }> {
    const { own, collector, onOwnChanged } = this.#components
    const box = own.get(mailbox) ?? own.all().find(({ id }) => this.#nameOf(id) === mailbox)
    if (box === undefined) throw new ProtocolError('NotFound', `No mailbox is called ${mailbox}`)
    // Nobody is told of it from here on; what comes in meanwhile is still collected
    await own.remove(box)
    onOwnChanged()
    await collector.remove(box)
    return { id: box.id, dropped: true }
  }

  async offer({ who }: { who: string }): Promise<OfferRow> {
    const { offers } = this.#components
    const { id } = this.#contact(who)
    await offers.add(id)
    return this.#offerOf(id)
  }

  async withdraw({ who }: { who: string }): Promise<{ id: string; withdrawn: boolean }> {
    const { offers, host, contacts } = this.#components
    const id = offers.has(who) ? who : contacts.resolve(who).id
    const withdrawn = await offers.remove(id)
    await host.discardOf(id)
    return { id, withdrawn }
  }

  async *list(): AsyncGenerator<MailboxRow | OfferRow | ToldRow> {
    for (const box of this.#components.own.all()) yield this.#rowOf(box)
    for (const id of this.#components.offers.all()) yield this.#offerOf(id)
    const told = new Map<string, number>()
    for (const { twin, mailboxes } of this.#components.told.all()) {
      const id = twinToText(twin)
      told.set(id, (told.get(id) ?? 0) + mailboxes.length)
    }
    for (const [id, mailboxes] of told) {
      if (mailboxes > 0) yield { kind: 'told', id, name: this.#components.contacts.nameOf(id), mailboxes }
    }
  }

  async tell({ head, tokens }: Told, { caller }: Pick<CallContext, 'caller'>): Promise<{ known: number }> {
    const { told, onTold, log } = this.#components
    if (caller.twin === undefined || caller.peer === undefined)
      throw new ProtocolError('Unauthenticated', 'Say hello first: mailboxes are those of a device')
    const twin = textToTwin(caller.twin)
    try {
      const { mailboxes } = await told.keep(twin, textToTwin(caller.peer), { head, tokens })
      onTold(twin)
      return { known: mailboxes.length }
    } catch (cause) {
      log.debug('What a contact said about mailboxes does not count: %o', cause)
      throw new ProtocolError(
        'InvalidArgument',
        'The head is not signed by an admin device of yours, or is an old one',
        { cause }
      )
    }
  }

  #contact(who: string): { id: string; name: string } {
    const found = this.#components.contacts.resolve(who)
    if (found.state !== 'contact') throw new ProtocolError('FailedPrecondition', `${found.name} is no contact yet`)
    return found
  }

  #addressOf(text: string): MailboxAddress {
    const { directory, parseAddress } = this.#components
    const address = parseAddress(text)
    if (address !== undefined) return address
    const { id, name } = this.#contact(text)
    const list = directory.get(textToTwin(id))
    const node = list
      ?.devices()
      .find(({ number, certificate }) => certificate.role === 'node' && !list.isRevoked(number))
    if (node === undefined) throw new ProtocolError('FailedPrecondition', `No device of ${name} is known yet`)
    return { key: node.certificate.transport, addresses: [] }
  }

  /** Of a mailbox that is the twin of a contact. */
  #nameOf(id: string): string {
    const { directory, contacts } = this.#components
    const [list] = directory.withTransport(textToTwin(id))
    return list === undefined ? '' : contacts.nameOf(twinToText(list.twin))
  }

  #rowOf({ id }: OwnBox): MailboxRow {
    return { kind: 'used', id, name: this.#nameOf(id), ...this.#components.collector.stateOf(id) }
  }

  #offerOf(id: string): OfferRow {
    const { host, contacts } = this.#components
    return { kind: 'offered', id, name: contacts.nameOf(id), ...host.usageOf(id) }
  }
}
