import { keyValue, keyValueKind, type Space } from '../../crdt/index.ts'
import type { Replica } from '../../crdt/spaces/index.ts'
import { diaryKind, openTwins, sharedSpace, textKind } from '../../crdt/spaces/replicas.fixture.ts'
import { SyncError, SyncSession } from '../../crdt/sync/index.ts'
import { Link, settle } from '../../crdt/sync/link.fixture.ts'
import { bytes, MemoryReplica } from '../../crdt/sync/memory-replica.fixture.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import type { FuzzTarget, FuzzTargetFactory } from './target.ts'

/** A session over a replica in memory, which checks what it is given as the real one does but for signatures. */
export const syncTarget: FuzzTargetFactory = {
  name: 'sync',
  lifeFrames: 20_000,
  make: async () => {
    const [a, b] = [new MemoryReplica(1), new MemoryReplica(2)]
    const members = [bytes(1), bytes(2)]
    const space = a.create(77, members)
    b.create(77, members)
    for (let i = 0; i < 5; i++) a.write(space, 2)
    const seeds = await record(b, a, async () => {
      a.write(space)
      a.admit(space, bytes(4))
      a.growDevices(bytes(1))
      a.showPresence(space, 'note/1', Uint8Array.of(1, 5, 1, 2, 0x7b, 0x7d))
    })
    const makeReplica = () => {
      const replica = new MemoryReplica(2)
      replica.create(77, members)
      return replica
    }
    return sessionTarget('sync', makeReplica, a.self, seeds, async () => {})
  }
}

/** A session over real spaces: signatures, seals, gate and store behind it. */
export const spacesTarget: FuzzTargetFactory = {
  name: 'runs',
  lifeFrames: 5000,
  make: async () => {
    const kinds = [textKind, diaryKind, keyValueKind]
    const [one, other] = await openTwins(2, { crypto: nodeCrypto(), kinds })
    const [here, there] = (await sharedSpace([one!, other!])) as [Space, Space]
    const written = async () => {
      await here.write('text/paper', doc => doc.getText('text').insert(0, 'hello'))
      await keyValue(here, 'n').put('k', bytes(7))
    }
    await written()
    const seeds = await record(other!.spaces.replica, one!.spaces.replica, written)
    const { self } = one!.spaces.replica
    return sessionTarget(
      'spaces',
      () => other!.spaces.replica,
      self,
      seeds,
      async () => {
        await there.flush()
        for (const { spaces } of [one!, other!]) await spaces.stop()
      }
    )
  }
}

function sessionTarget(
  name: string,
  replicaOf: () => Replica,
  remote: Replica['self'],
  seeds: readonly Uint8Array[],
  stop: () => Promise<void>
): FuzzTarget {
  let taken = 0
  let session: SyncSession | undefined
  const open = (): SyncSession => {
    const opened = new SyncSession({ replica: replicaOf(), remote, clock: () => 0, send: () => {} })
    opened.start()
    return opened
  }
  const give = async (item: Uint8Array): Promise<void> => {
    try {
      await session!.receive(item)
    } catch (error) {
      session!.close()
      session = undefined
      if (!(error instanceof SyncError)) throw error
    }
  }
  return {
    name,
    seeds,
    // The honest beginning of a session, one mutated item after it
    frame: async item => {
      session?.close()
      session = open()
      for (let i = taken++ % seeds.length; i > 0 && session !== undefined; i--)
        await give(seeds[(taken - i) % seeds.length]!)
      if (session !== undefined) await give(item)
    },
    isAlive: async () => {
      session?.close()
      session = open()
      await session.receive(seeds[0]!)
    },
    stop: async () => {
      session?.close()
      await stop()
    }
  }
}

/** What the first receives in a real exchange. */
async function record(one: Replica, other: Replica, during: () => unknown): Promise<Uint8Array[]> {
  const link = new Link(one, other).start()
  await settle(link)
  await during()
  await settle(link)
  link.cut()
  return link.ends[0]!.received
}
