import { peerIdFromString } from '@libp2p/peer-id'
import type { Crypto } from '../../crdt/crypto/index.ts'
import {
  type DeviceDirectory,
  type NodeDeviceKeys,
  sealNodeHead,
  textToTwin,
  twinToText
} from '../../crdt/identity/index.ts'
import type { Database, LogId, Spaces } from '../../crdt/index.ts'
import type { Contacts } from '../../protocols/contacts/index.ts'
import { type Channel, createClient, type Logger, type ProtocolServer } from '../../protocols/core/index.ts'
import {
  Collector,
  Mailbox,
  type MailboxAddress,
  MailboxDesk,
  MailboxHost,
  mailboxProtocol,
  mailboxToBytes,
  Offers,
  OwnBoxes,
  Sender,
  ToldBoxes,
  Unpacker,
  Witness
} from '../../protocols/mailbox/index.ts'
import type { Connections } from '../connections.ts'
import type { Mesh } from '../mesh/index.ts'
import type { KnockLeaver } from './knock-leaver.ts'
import { knockLeaver, takeKnock } from './knocks.ts'
import { parseAddress, parseMultiaddr } from './parse-address.ts'
import { Teller } from './teller.ts'

export interface TwinMailboxInit {
  readonly me: { readonly twin: Uint8Array; readonly device: number }
  readonly keys: NodeDeviceKeys
  readonly db: Database
  readonly crypto: Crypto
  readonly directory: DeviceDirectory
  readonly spaces: Spaces
  readonly mesh: Mesh
  readonly connections: Connections
  readonly contacts: Contacts
  /** Name that this twin shows to others */
  readonly name: () => Promise<string>
  readonly server: () => ProtocolServer
  readonly log: Logger
}

/** All that a twin does with mailboxes, over its mesh: boxes for others, boxes of its own, parcels for contacts that are off. */
export class TwinMailbox {
  /** What the capability serves */
  readonly mailbox: Mailbox
  readonly #init: TwinMailboxInit
  readonly #own: OwnBoxes
  readonly #offers: Offers
  readonly #told: ToldBoxes
  readonly #sender: Sender
  readonly #collector: Collector
  readonly #witness: Witness
  readonly #teller: Teller
  readonly #knocks: KnockLeaver
  readonly #undo: (() => void)[] = []
  #headAt = 0

  constructor(init: TwinMailboxInit) {
    const { me, keys, db, crypto, directory, spaces, connections, contacts, log } = init
    this.#init = init
    const { replica } = spaces
    const signing = { ...me, signer: keys.signing }
    const isContact = (twin: Uint8Array) => contacts.classOf(twinToText(twin)) === 'contact'
    const channelTo = (address: MailboxAddress, options: { signal: AbortSignal }) => this.#channelTo(address, options)
    const box = keys.transport.publicKey
    const shared = { db, crypto, directory, channelTo, log }
    this.#own = new OwnBoxes(db, crypto)
    this.#offers = new Offers(db)
    this.#told = new ToldBoxes({ db, directory, crypto })
    const host = new MailboxHost({
      db,
      signer: keys.transport,
      crypto,
      // Another device of the owner, or a contact it was offered to
      mayOpen: caller =>
        caller.class === 'owner' || (caller.class === 'contact' && this.#offers.has(caller.twin ?? '')),
      log
    })
    this.#sender = new Sender({
      ...shared,
      me: signing,
      replica,
      told: this.#told,
      isReachable: twin => connections.peersOf(twinToText(twin)).length > 0,
      isHere: box => connections.twinOf(twinToText(box)) !== undefined,
      isContact,
      onHeld: (space, log) => spaces.noteDelivery(space, log)
    })
    const unpacker = new Unpacker({
      me: { ...signing, unsealer: keys.encryption },
      box,
      replica,
      directory,
      crypto,
      isContact,
      onKnock: (knock, records) => takeKnock(init, knock, records),
      log
    })
    this.#witness = new Witness({
      ...shared,
      me: signing,
      box: { box, key: keys.encryption.publicKey },
      heads: spaces.ownHeads,
      own: this.#own
    })
    this.#collector = new Collector({
      own: this.#own,
      unpacker,
      witness: this.#witness,
      transport: keys.transport,
      crypto,
      // This device leaves notes for itself
      contacts: () => [me.twin, ...this.#contactTwins()],
      describe: async () => ({ records: directory.get(me.twin)?.all() ?? [], head: await this.head() }),
      channelTo,
      log
    })
    this.#teller = new Teller({
      tell: (twin, peer, options) => this.#tell(twin, peer, options),
      isConnected: peer => connections.twinOf(peer) !== undefined,
      log
    })
    this.#knocks = knockLeaver({ ...init, channelTo })
    const desk = new MailboxDesk({
      host,
      own: this.#own,
      offers: this.#offers,
      told: this.#told,
      collector: this.#collector,
      directory,
      contacts,
      parseAddress,
      onOwnChanged: () => this.#ownChanged(),
      onTold: twin => this.#sender.poke(twin),
      log
    })
    this.mailbox = new Mailbox(host, desk)
  }

  /** Reads what is stored. To be called before anybody asks. */
  async load(): Promise<void> {
    await this.#own.load()
    await this.#offers.load()
    await this.#told.load()
    await this.#sender.load()
    await this.#witness.load()
  }

  /** Begins to collect and to send; the mesh listens. */
  start(): void {
    const { contacts, directory, me, mesh, spaces } = this.#init
    for (const { id } of this.#own.all()) mesh.trust.add(id)
    this.#undo.push(
      contacts.onChange(() => {
        this.#collector.refresh()
        this.#sender.poke()
        this.#knocks.wake()
      }),
      directory.onChange(({ list }) => {
        if (twinToText(list.twin) === twinToText(me.twin)) this.#ownChanged()
      }),
      mesh.on('peer:connect', ({ peer }) => this.#collector.poke(peer)),
      mesh.on('peer:disconnect', ({ peer }) => {
        this.#teller.gone(peer)
        this.#sender.poke()
      }),
      spaces.on('open', () => this.#collector.again())
    )
    this.#collector.start()
    this.#sender.start()
    this.#knocks.wake()
  }

  async stop(): Promise<void> {
    for (const undo of this.#undo.splice(0)) undo()
    this.#teller.stop()
    await Promise.all([this.#knocks.stop(), this.#sender.stop(), this.#collector.stop()])
    await this.#witness.close()
  }

  /** How far a log is in a mailbox of a member. */
  heldFor(space: Uint8Array, log: LogId, twin: Uint8Array): number {
    return this.#sender.heldFor(space, log, twin)
  }

  /** A device of a contact was reached and knows who we are. */
  met(twin: string, peer: string): void {
    this.#teller.met(twin, peer)
  }

  /** What this device says for its twin: newest list, inbox key, mailboxes that have not refused it. */
  head(): Promise<Uint8Array> {
    const { me, keys, directory } = this.#init
    // Readers keep the newest: two of one millisecond would be in no order
    this.#headAt = Math.max(Date.now(), this.#headAt + 1)
    const mailboxes = this.#own.all().filter(({ id }) => this.#collector.stateOf(id).state !== 'refused')
    return sealNodeHead(
      {
        twin: me.twin,
        // The own list was loaded and is never empty
        list: directory.get(me.twin)!.head!,
        inbox: keys.encryption.publicKey,
        mailboxes: mailboxes.map(mailboxToBytes),
        at: this.#headAt
      },
      keys.signing
    )
  }

  #contactTwins(): Uint8Array[] {
    const { contacts } = this.#init
    return contacts.wanted().flatMap(id => (contacts.classOf(id) === 'contact' ? [textToTwin(id)] : []))
  }

  #ownChanged(): void {
    const { mesh } = this.#init
    for (const { id } of this.#own.all()) mesh.trust.add(id)
    mesh.republish()
    this.#teller.again()
    this.#collector.refresh()
  }

  async #tell(twin: string, peer: string, options: { signal: AbortSignal }): Promise<void> {
    const client = createClient(mailboxProtocol, this.#init.connections.channelTo(peer))
    try {
      await client.tell({ head: await this.head(), tokens: this.#own.tokensFor(textToTwin(twin)) }, options)
    } finally {
      await client.close()
    }
  }

  async #channelTo({ key, addresses }: MailboxAddress, { signal }: { signal: AbortSignal }): Promise<Channel> {
    const { mesh, connections } = this.#init
    const peer = twinToText(key)
    const id = peerIdFromString(peer)
    const multiaddrs = addresses.flatMap(bytes => parseMultiaddr(bytes) ?? [])
    if (multiaddrs.length > 0) await mesh.node.peerStore.merge(id, { multiaddrs })
    await mesh.connect(id, { signal })
    return connections.channelTo(peer)
  }
}
