/** A twin that lets devices in, and new devices that come with its links; in memory, with real device lists. */
import { newDeviceKeys, twinToText } from '../../crdt/identity/index.ts'
import { addDevice, exchange, openTwins, type TestReplica } from '../../crdt/spaces/replicas.fixture.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { type Caller, type Channel, type Client, channelPair, createClient, createServer } from '../core/index.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import {
  fetchPaired,
  type PairDeviceInit,
  type PairedDevice,
  type PairingShown,
  type Place,
  pairDevice,
  pairing,
  pairingProtocol,
  textToPairingLink
} from './index.ts'

export const crypto = nodeCrypto()
export const consoleUrl = 'http://127.0.0.1:4180/'

/** One device of a twin that serves pairing. */
export class PairingTwin {
  readonly replica: TestReplica
  readonly world: PairingWorld
  readonly server
  readonly service
  place: Place = 'network'
  /** What its links open */
  opens = consoleUrl
  /** Where the keeper of the list is reached, if it is */
  keeper: PairingTwin | undefined

  constructor(world: PairingWorld, replica: TestReplica) {
    this.world = world
    this.replica = replica
    const { me, directory } = replica.init
    const service = pairing({ now: () => world.now(), clock: world.clock })({
      me,
      directory,
      crypto,
      spaces: replica.spaces,
      addresses: () => ['/ip4/127.0.0.1/tcp/4001/ws'],
      placeOf: () => this.place,
      consoleUrl: () => this.opens,
      channelTo: () => {
        const { keeper } = this
        const caller = { class: 'owner', device: me.device, level: 'admin' } as const
        return keeper === undefined ? unreachable() : channelPair(keeper.server, caller)
      }
    })
    this.server = createServer({ services: [service] })
    this.service = service
    void service.start()
  }

  get list() {
    return this.replica.init.directory.get(this.replica.twin)!
  }

  /** The owner, at this device unless said otherwise */
  owner(caller: Partial<Caller> = {}): Client<typeof pairingProtocol> {
    return createClient(pairingProtocol, channelPair(this.server, { class: 'owner', ...caller }))
  }
}

export class PairingWorld {
  readonly clock = new ManualClock()
  #ahead = 0

  now(): number {
    return Date.now() + this.#ahead
  }

  /** A twin with one device, which keeps the list */
  async twin(): Promise<PairingTwin> {
    const [replica] = (await openTwins(1)) as [TestReplica]
    return new PairingTwin(this, replica)
  }

  /** Another node of a twin */
  async node(of: PairingTwin, number: number): Promise<PairingTwin> {
    const replica = await addDevice(of.replica, number, [of.replica])
    await exchange(of.replica, replica)
    return new PairingTwin(this, replica)
  }

  /** The machine sleeps: no timer fires */
  sleep(ms: number): void {
    this.#ahead += ms
  }

  async advance(ms: number): Promise<void> {
    this.#ahead += ms
    await this.clock.advance(ms)
  }
}

/** A device that is none of the twin's yet. */
export class NewDevice {
  readonly keys = newDeviceKeys(crypto)
  readonly peer = twinToText(this.keys.transport.publicKey)
  shown: PairingShown | undefined
  #hasShown = Promise.withResolvers<PairingShown>()

  channelTo(twin: PairingTwin, caller: Partial<Caller> = {}): Channel {
    return channelPair(twin.server, { class: 'stranger', peer: this.peer, ...caller })
  }

  /** Comes with a link. What it shows is in `digits()`. */
  join(twin: PairingTwin, link: string, init: Partial<PairDeviceInit> = {}): Promise<PairedDevice> {
    const paired = pairDevice({
      channel: this.channelTo(twin),
      link: textToPairingLink(link, 0),
      keys: this.keys,
      role: 'browser',
      name: 'laptop',
      platform: 'Firefox on Linux',
      crypto,
      onDigits: shown => {
        this.shown = shown
        this.#hasShown.resolve(shown)
      },
      ...init
    })
    // Awaited later, after the owner has acted
    paired.catch(error => this.#hasShown.reject(error))
    this.#hasShown.promise.catch(() => {})
    return paired
  }

  fetch(twin: PairingTwin, link: string, caller: Partial<Caller> = {}): Promise<PairedDevice> {
    const parsed = textToPairingLink(link, 0)
    return fetchPaired({ channel: this.channelTo(twin, caller), link: parsed, keys: this.keys, crypto })
  }

  async digits(): Promise<string> {
    return (await this.#hasShown.promise).digits
  }
}

export function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    error => error.code as string
  )
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Lets a device in, with the digits typed by `caller` */
export async function pair(twin: PairingTwin, caller = {}, request: { level?: 'view' | 'normal'; name?: string } = {}) {
  const owner = twin.owner(caller)
  const { offer, link } = await owner.offer(request)
  const device = new NewDevice()
  const joining = device.join(twin, link)
  await owner.approve({ offer, digits: await device.digits() })
  return { device, link, offer, paired: await joining }
}

function unreachable(): Channel {
  const server = createServer({ services: [] })
  const channel = channelPair(server, { class: 'owner' })
  void channel.close()
  return channel
}
