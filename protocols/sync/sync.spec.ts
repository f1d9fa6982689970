import { expect } from 'chai'
import { twinToText } from '../../crdt/identity/index.ts'
import type { SyncSession } from '../../crdt/sync/index.ts'
import { MAX_ITEM_BYTES } from '../../crdt/sync/index.ts'
import { bytes, MemoryReplica } from '../../crdt/sync/memory-replica.fixture.ts'
import contractCompliance from '../core/compliance.ts'
import { fileVectors } from '../core/file-vectors.ts'
import { type Caller, channelPair, createServer } from '../core/index.ts'
import syncCompliance, { type SyncWorld } from './compliance.ts'
import { maxItemBytes, sync, syncProtocol, syncWith } from './index.ts'
import { ItemQueue } from './item-queue.ts'

const SPACE = 77

contractCompliance(syncProtocol, { vectors: fileVectors('protocols/sync/vectors') })

async function memoryWorld(): Promise<
  SyncWorld & { sessions: Set<SyncSession>; far: MemoryReplica; near: MemoryReplica }
> {
  const [near, far] = [new MemoryReplica(1), new MemoryReplica(2)] as const
  const members = [bytes(1), bytes(2)]
  const space = near.create(SPACE, members)
  far.create(SPACE, members)
  const sessions = new Set<SyncSession>()
  const server = createServer({ services: [sync()({ replica: far, sessions })] })
  const grown: (() => void)[] = []
  for (const replica of [near, far]) replica.on('runs', () => grown.splice(0).forEach(wake => void wake()))
  const held = (replica: MemoryReplica): number => replica.seqOf(space, near.self) + replica.seqOf(space, far.self)
  return {
    near,
    far,
    sessions,
    friend: { class: 'contact', twin: twinToText(bytes(1)), device: 1 } satisfies Caller,
    channel: caller => channelPair(server, caller),
    sync: (channel, signal) => syncWith({ replica: near, remote: far.self, channel }, { signal }),
    write: async side => void (side === 'near' ? near : far).write(space),
    expectLevel: async entries => {
      while (held(near) < entries || held(far) < entries) await new Promise<void>(resolve => grown.push(resolve))
      expect([held(near), held(far)]).to.deep.equal([entries, entries])
    },
    stop: () => server.stop()
  }
}

describe('sync', () => {
  syncCompliance(memoryWorld)

  it('has room in an item for what a session sends', () => {
    expect(maxItemBytes).to.equal(MAX_ITEM_BYTES)
  })

  it('lists the sessions that run and forgets them when they end', async () => {
    const world = await memoryWorld()
    const stop = new AbortController()
    const session = world.sync(world.channel(world.friend), stop.signal)
    await world.write('near')
    await world.expectLevel(1)
    expect(world.sessions.size).to.equal(1)
    const [running] = world.sessions
    stop.abort()
    await session
    await running?.closed
    expect(world.sessions.size).to.equal(0)
    expect(world.far.listeners).to.equal(1)
    await world.stop()
  })

  it('does not begin a session that was given up before', async () => {
    const world = await memoryWorld()
    const stop = new AbortController()
    stop.abort()
    await world.sync(world.channel(world.friend), stop.signal)
    expect(world.near.listeners).to.equal(1)
    await world.stop()
  })
})

describe('ItemQueue', () => {
  it('push() resolves when the reader came back, and every wait ends with close()', async () => {
    const queue = new ItemQueue()
    const order: string[] = []
    const first = queue.push(Uint8Array.of(1)).then(() => order.push('taken'))
    expect((await queue.next()).value).to.deep.equal(Uint8Array.of(1))
    order.push('read')
    const next = queue.next()
    await first
    expect(order).to.deep.equal(['read', 'taken'])
    queue.close()
    expect((await next).done).to.equal(true)
    expect(await queue.push(Uint8Array.of(2)).catch((error: Error) => error.message)).to.equal('The session is over')
  })
})
