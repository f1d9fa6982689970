import {
  DeviceDirectory,
  type DeviceList,
  issueCertificate,
  type NodeDeviceKeys,
  newDeviceKeys,
  type PhraseKeys,
  restoreDeviceList,
  twinToText
} from '../../crdt/identity/index.ts'
import { newOwnerKeys } from '../../crdt/identity/owner-keys.fixture.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { type Channel, channelPair, createServer, type ProtocolServer, type Service } from '../core/index.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import { createHello, type Hello, hello, type helloProtocol } from './index.ts'

export const crypto = nodeCrypto()
export const start = Date.UTC(2026, 10, 1)
export const day = 24 * 3600 * 1000

/** The service as another release offers it */
type Offer = (service: Service<typeof helloProtocol>) => Service

/** A twin with one device that says hello, in memory. */
export class Person {
  readonly phrase: PhraseKeys
  readonly keys: NodeDeviceKeys
  readonly directory: DeviceDirectory
  readonly hello: Hello
  readonly server: ProtocolServer
  readonly clock = new ManualClock()
  /** Hex of twins that are contacts */
  readonly contacts = new Set<string>()
  /** Twins whose lists are told to contacts */
  readonly shared: Uint8Array[] = []
  /** Hashes of list records that invites named, by twin id */
  readonly expected = new Map<string, Uint8Array>()
  /** Twin ids of those who were met, in order */
  readonly met: (string | undefined)[] = []
  /** Peers whose connections were ended */
  readonly closed: string[] = []
  readonly stored = new Map<string, readonly Uint8Array[]>()
  /** Channels by peer, for calling back */
  readonly channels = new Map<string, Channel>()
  now = start
  /** What a peer said to this device's hello */
  onAnswer: (refused: string | undefined) => void = () => {}

  private constructor(phrase: PhraseKeys, keys: NodeDeviceKeys, offer: Offer) {
    this.phrase = phrase
    this.keys = keys
    this.directory = new DeviceDirectory({
      crypto,
      store: {
        get: twin => this.stored.get(twinToText(twin)),
        put: (twin, envelopes) => void this.stored.set(twinToText(twin), envelopes)
      }
    })
    this.hello = createHello({
      me: { twin: phrase.twin, transport: keys.transport.publicKey },
      directory: this.directory,
      crypto,
      classOf: twin => (this.contacts.has(twinToText(twin)) ? 'contact' : 'stranger'),
      sharedWith: twin => (this.contacts.has(twinToText(twin)) ? this.shared : []),
      expectedHead: twin => this.expected.get(twinToText(twin)),
      onCaller: (_, { twin }) => this.met.push(twin),
      onAnswer: (_, refused) => this.onAnswer(refused),
      closePeer: peer => this.closed.push(peer),
      channelTo: peer => this.channels.get(peer)!,
      now: () => this.now,
      clock: this.clock
    })
    this.server = createServer({ services: [offer(hello()({ hello: this.hello }))] })
  }

  /** Of a new twin, or another device of `of`, listed there as `number`. */
  static async make(of?: Person, number = 1, offer: Offer = same => same): Promise<Person> {
    const keys = newDeviceKeys(crypto)
    const phrase = of?.phrase ?? newOwnerKeys(crypto)
    const person = new Person(phrase, keys, offer)
    const certificate = await person.certify({ number })
    if (of === undefined) {
      const { owner, twin } = phrase
      const keeper = keys.signing.publicKey
      // A restore makes a list as a genesis does, and any number may be its first
      const list = await restoreDeviceList({ twin, crypto, owner, certificate, keeper, at: start })
      await person.directory.adopt(list)
    } else {
      await of.decide(list => list.add(certificate, of.keys.signing, start))
      await person.directory.receive(phrase.twin, of.list.since())
    }
    return person
  }

  get peer(): string {
    return twinToText(this.keys.transport.publicKey)
  }

  get twin(): Uint8Array {
    return this.phrase.twin
  }

  get id(): string {
    return twinToText(this.twin)
  }

  get list(): DeviceList {
    return this.directory.get(this.twin)!
  }

  /** By the owner, for this device */
  certify({ number = 1, issued = start, expires = start + 30 * day } = {}): Promise<Uint8Array> {
    const { owner, twin } = this.phrase
    const init = { twin, number, role: 'node', name: 'home', scopes: ['device.admin'], issued, expires } as const
    return issueCertificate(init, owner, this.keys)
  }

  decide<T>(change: (list: DeviceList) => Promise<T>): Promise<T> {
    return this.directory.decide(this.twin, change)
  }

  /** A channel to somebody whose transport proves `peer`, this device by default. */
  channelTo(other: Person, peer = this.peer): Channel {
    return channelPair(other.server, other.hello.peerOf({ remotePeer: peer }))
  }

  /** Dials and says hello; the other can call back. */
  greet(other: Person) {
    other.channels.set(this.peer, other.channelTo(this))
    return this.hello.greet(other.peer, this.channelTo(other))
  }

  callerOf(other: Person) {
    return this.hello.callerOf({ remotePeer: other.peer })
  }

  befriend(other: Person): void {
    this.contacts.add(other.id)
  }

  async stop(): Promise<void> {
    this.hello.stop()
    await this.server.stop()
  }
}
