/** What any sync must show, written against its client: a service with a replica behind it, and a replica on this side. */
import { expect } from 'chai'
import { type Caller, type Channel, createClient, type ProtocolError } from '../core/index.ts'
import { syncProtocol } from './protocol.ts'

export interface SyncWorld {
  /** To the service, as this caller */
  channel(caller: Caller): Channel
  /** A device that shares a space with the replica behind the service */
  readonly friend: Caller
  /** Runs a session from the near replica until the signal fires */
  sync(channel: Channel, signal: AbortSignal): Promise<void>
  /** Writes one entry into the shared space */
  write(side: 'near' | 'far'): Promise<void>
  /** Resolves when both sides hold this many entries of the shared space */
  expectLevel(entries: number): Promise<void>
  stop(): Promise<void>
}

/** `[9, []]`, HEADS of nobody */
const HEADS = Uint8Array.of(0x82, 0x09, 0x80)

export default function syncCompliance(setup: () => Promise<SyncWorld>): void {
  let world: SyncWorld
  let running: AbortController

  beforeEach(async () => {
    world = await setup()
    running = new AbortController()
  })
  afterEach(async () => {
    running.abort()
    await world.stop()
  })

  it('brings both sides level and keeps them so', async () => {
    for (let i = 0; i < 3; i++) await world.write('near')
    await world.write('far')
    const session = world.sync(world.channel(world.friend), running.signal)
    await world.expectLevel(4)
    await world.write('far')
    await world.write('near')
    await world.expectLevel(6)
    running.abort()
    await session
  })

  it('finishes in a second session what the first began, and runs two at once without harm', async () => {
    await world.write('near')
    const first = new AbortController()
    const cut = world.sync(world.channel(world.friend), first.signal)
    first.abort()
    await cut
    const sessions = [1, 2].map(() => world.sync(world.channel(world.friend), running.signal))
    await world.write('far')
    await world.expectLevel(2)
    running.abort()
    await Promise.all(sessions)
  })

  it('ends when the channel breaks', async () => {
    const channel = world.channel(world.friend)
    const session = world.sync(channel, running.signal)
    await world.write('near')
    await world.expectLevel(1)
    await channel.close?.()
    await session
  })

  it('speaks first: device lists, then the shared space', async () => {
    const [first, second] = await received(world.channel(world.friend), [HEADS], 2)
    const bytes = [...(first ?? []), ...(second ?? [])]
    expect(bytes.length).to.be.greaterThan(40)
  })

  it('ends a session that breaks the rules, and says no more than that', async () => {
    const wrong: Uint8Array[] = [
      Uint8Array.of(0xff),
      Uint8Array.of(0x80, 0x00),
      Uint8Array.of(0x82, 0x05, 0x00),
      Uint8Array.of(0x82, 0x18, 0x63, 0x00),
      Uint8Array.of(0x83, 0x04, 0x00, 0x00)
    ]
    for (const item of wrong) {
      const error = await errorOf(received(world.channel(world.friend), [HEADS, item], Number.POSITIVE_INFINITY))
      expect(error?.code).to.equal('InvalidArgument')
      expect(error?.message).to.equal('The session broke the rules of sync')
    }
  })

  it('is for devices that said which they are', async () => {
    const nameless: Caller = { class: 'contact' }
    const error = await errorOf(received(world.channel(nameless), [HEADS], 1))
    expect(error?.code).to.equal('Unauthenticated')
  })
}

/** Opens a session by hand and reads up to so many items. */
async function received(channel: Channel, items: readonly Uint8Array[], most: number): Promise<Uint8Array[]> {
  const client = createClient(syncProtocol, channel)
  const read: Uint8Array[] = []
  const done = new AbortController()
  async function* up(): AsyncGenerator<Uint8Array> {
    yield* items
    await new Promise<void>(resolve => done.signal.addEventListener('abort', () => resolve()))
  }
  try {
    for await (const item of client.session({}, up())) {
      read.push(item)
      if (read.length >= most) break
    }
    return read
  } finally {
    done.abort()
    await client.close()
  }
}

async function errorOf(promise: Promise<unknown>): Promise<ProtocolError | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error as ProtocolError
  }
}
