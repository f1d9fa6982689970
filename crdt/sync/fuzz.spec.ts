import { expect } from 'chai'
import fc from 'fast-check'
import { nodeCrypto } from '../../node/crypto.ts'
import { decode, type Encodable, encode } from '../codec.ts'
import { keyValue } from '../key-value/index.ts'
import { createSpaces, type Replica } from '../spaces/index.ts'
import { memoryDatabase, openTwins, type TestReplica } from '../spaces/replicas.fixture.ts'
import { decodeItem, SyncError, SyncSession } from './index.ts'
import { Link, settle } from './link.fixture.ts'
import { bytes, MemoryReplica } from './memory-replica.fixture.ts'

const RUNS = 2000
const RUNS_ON_SPACES = 60

/** A change to an item: to its bytes, or to one value inside, so that it still decodes. */
interface Mutation {
  readonly how: 'flip' | 'set' | 'remove' | 'insert' | 'cut' | 'value' | 'drop' | 'repeat'
  readonly at: number
  readonly to: number
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  how: fc.constantFrom<Mutation['how'][]>(
    'flip',
    'set',
    'remove',
    'insert',
    'cut',
    'value',
    'value',
    'value',
    'drop',
    'repeat'
  ),
  at: fc.nat(),
  to: fc.nat()
})

const VALUES: readonly Encodable[] = [
  0,
  1,
  2,
  255,
  65_536,
  2 ** 53 - 1,
  -1,
  true,
  false,
  null,
  '',
  'x'.repeat(300),
  new Uint8Array(),
  new Uint8Array(32),
  new Uint8Array(64),
  [],
  [[]],
  {}
]

/** Everything that either side of a real exchange received. */
async function record(one: Replica, other: Replica, during: () => Promise<void>): Promise<Uint8Array[][]> {
  const link = new Link(one, other).start()
  await settle(link)
  await during()
  await settle(link)
  link.cut()
  return link.ends.map(({ received }) => received)
}

describe('fuzzed sync items', function () {
  this.timeout(60_000)

  it('end the session with a SyncError or are taken, and nothing else happens', async () => {
    const [a, b] = [new MemoryReplica(1), new MemoryReplica(2)] as const
    const members = [bytes(1), bytes(2)]
    const space = a.create(77, members)
    b.create(77, members)
    for (let i = 0; i < 5; i++) a.write(space, 2)
    const [items] = await record(b, a, async () => {
      a.write(space)
      a.admit(space, bytes(4))
      a.growDevices(bytes(1))
      a.showPresence(space, 'note/1', Uint8Array.of(1, 5, 1, 2, 0x7b, 0x7d))
      const unknown = a.create(78, members)
      a.write(unknown)
    })
    const outcomes = { ended: 0, taken: 0 }
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), async (at, mutations) => {
        const replica = new MemoryReplica(2)
        replica.create(77, members)
        const session = new SyncSession({ replica, remote: a.self, clock: () => 0, send: () => {} })
        session.start()
        const target = at % items!.length
        try {
          for (const [index, item] of items!.entries()) {
            await session.receive(index === target ? mutations.reduce(mutate, item) : item)
          }
          outcomes.taken++
        } catch (error) {
          expect(error).to.be.instanceOf(SyncError)
          outcomes.ended++
        }
        for (let i = 0; i < 3; i++) await undefined
        expect(session.progress().sentBytes).to.be.lessThan(100_000)
        session.close()
        expect(replica.listeners).to.equal(0)
      }),
      { numRuns: RUNS }
    )
    // Both happened, or the mutations are too wild or too tame
    expect(outcomes.ended).to.be.greaterThan(RUNS / 10)
    expect(outcomes.taken).to.be.greaterThan(RUNS / 20)
  })

  it('decodeItem() takes any bytes without a throw but SyncError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), item => {
        try {
          decodeItem(item)
        } catch (error) {
          expect(error).to.be.instanceOf(SyncError)
        }
      }),
      { numRuns: RUNS }
    )
  })

  it('cannot change what honest devices wrote, nor keep them from syncing afterwards', async () => {
    const [one, other] = await openTwins(2, { crypto: nodeCrypto() })
    const made = await one!.spaces.create({ kind: 'shared', name: 's', members: [other!.twin] })
    const table = keyValue(made, 'default')
    for (let i = 0; i < 10; i++) await table.put(`k${i}`, bytes(i))
    const isLevel = async ({ spaces }: Pick<TestReplica, 'spaces'>): Promise<boolean> => {
      const space = spaces.get(made.id)
      return space?.state === 'open' && (await keyValue(space, 'default').get('last')) !== undefined
    }
    const [, items] = await record(one!.spaces.replica, other!.spaces.replica, async () => {
      await table.put('last', bytes(99))
      while (!(await isLevel(other!))) await new Promise(setImmediate)
    })
    let rejected = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 2 }), async (at, mutations) => {
        // The same device on a bare disk
        const spaces = await createSpaces({ ...other!.init, db: memoryDatabase(), createSelf: false })
        const { replica } = spaces
        const session = new SyncSession({ replica, remote: one!.spaces.replica.self, clock: () => 0, send: () => {} })
        session.start()
        const target = at % items!.length
        try {
          for (const [index, item] of items!.entries()) {
            await session.receive(index === target ? mutations.reduce(mutate, item) : item)
          }
        } catch (error) {
          expect(error).to.be.instanceOf(SyncError)
          rejected++
        }
        session.close()
        const link = new Link(one!.spaces.replica, replica).start()
        while (!(await isLevel({ spaces }))) await new Promise(setImmediate)
        expect(link.errors()).to.deep.equal([])
        link.cut()
        const copy = keyValue(spaces.get(made.id)!, 'default')
        for (let i = 0; i < 10; i++) expect((await copy.get(`k${i}`))?.value).to.deep.equal(bytes(i))
        await spaces.stop()
      }),
      { numRuns: RUNS_ON_SPACES }
    )
    expect(rejected).to.be.greaterThan(RUNS_ON_SPACES / 10)
  })
})

function mutate(item: Uint8Array, { how, at, to }: Mutation): Uint8Array {
  const place = at % Math.max(1, item.length)
  const changed = [...item]
  switch (how) {
    case 'flip':
      changed[place] = (changed[place] ?? 0) ^ (1 << (to & 7))
      break
    case 'set':
      changed[place] = to & 255
      break
    case 'remove':
      changed.splice(place, 1 + (to % 4))
      break
    case 'insert':
      changed.splice(place, 0, to & 255)
      break
    case 'cut':
      changed.length = place
      break
    default:
      return mutateValues(item, how, at, to)
  }
  return Uint8Array.from(changed)
}

/** Replaces, drops or repeats one value anywhere inside. */
function mutateValues(item: Uint8Array, how: 'value' | 'drop' | 'repeat', at: number, to: number): Uint8Array {
  let value: unknown
  try {
    value = decode(item)
  } catch {
    return item
  }
  const lists: unknown[][] = []
  const collect = (list: unknown): void => {
    if (!Array.isArray(list)) return
    lists.push(list)
    for (const member of list) collect(member)
  }
  collect(value)
  const list = lists[at % Math.max(1, lists.length)]
  if (list === undefined || list.length === 0) return item
  const place = to % list.length
  if (how === 'value') list[place] = VALUES[Math.floor(to / list.length) % VALUES.length]
  else if (how === 'drop') list.splice(place, 1)
  else list.splice(place, 0, list[place])
  // It was decoded from CBOR, so that it has an encoding
  return encode(value as Encodable)
}
