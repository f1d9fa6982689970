import { expect } from 'chai'
import { createSpaces, type Database, keyValue } from '../../crdt/index.ts'
import {
  crypto,
  memoryDatabase,
  newTwin,
  openTwins,
  type TestReplica,
  text
} from '../../crdt/spaces/replicas.fixture.ts'
import { Link, until } from '../../crdt/sync/link.fixture.ts'
import { silentLogger } from '../core/index.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import { Collector } from './collector.ts'
import type { Mailbox } from './mailbox.ts'
import { TestMailbox } from './mailboxes.fixture.ts'
import { OwnBoxes } from './own-boxes.ts'
import { Unpacker } from './unpacker.ts'
import { Witness } from './witness.ts'

async function copyOf(db: Database): Promise<Database> {
  const copy = memoryDatabase()
  for await (const [key, value] of db.iterator()) await copy.put(key, value)
  return copy
}

interface Item {
  readonly place: number
  readonly parcel: Uint8Array
}

/** Gives what was in the box once more, while it is told to: as to somebody who reads the box when another one empties it. */
function repeating(honest: Mailbox, seen: Item[], isOn: () => boolean): Mailbox {
  const collect = async function* (...args: Parameters<Mailbox['collect']>): AsyncGenerator<Item> {
    if (isOn()) return yield* seen
    for await (const item of honest.collect(...args)) {
      seen.push(item)
      yield item
    }
  }
  return new Proxy(honest, {
    get: (target, name) => {
      const value = name === 'collect' ? collect : Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

describe('a mailbox as witness of the own logs', () => {
  const keysOfBox = crypto.unsealer(crypto.randomBytes(32))
  const transport = crypto.signer(crypto.randomBytes(32))
  let mailbox: TestMailbox
  let ann: TestReplica
  let ben: TestReplica
  let id: Uint8Array
  let clock: ManualClock
  let seen: Item[]
  let isRepeating: boolean
  let run: { witness: Witness; collector: Collector }

  /** What a twin does with its own box while it runs. */
  async function begin({ spaces, db, init }: TestReplica, isBoxKnown = true): Promise<typeof run> {
    clock = new ManualClock()
    const own = new OwnBoxes(db, crypto)
    await own.load()
    if (isBoxKnown && own.all().length === 0) await own.add({ key: mailbox.key, addresses: [] })
    const box = transport.publicKey
    const channelTo = async () => mailbox.channel(box)
    const shared = { db, own, crypto, channelTo, clock }
    const { me, directory } = init
    const heads = spaces.ownHeads
    const witness = new Witness({ ...shared, me, box: { box, key: keysOfBox.publicKey }, heads })
    await witness.load()
    const { replica } = spaces
    const [isContact, onKnock] = [() => true, async () => {}]
    const unsealed = { me: { ...me, unsealer: keysOfBox }, box, replica, directory, crypto }
    const unpacker = new Unpacker({ ...unsealed, isContact, onKnock, log: silentLogger })
    const describe = async () => ({ records: [], head: new Uint8Array() })
    const collector = new Collector({ ...shared, unpacker, witness, transport, contacts: () => [me.twin], describe })
    return { witness, collector }
  }

  /** Looks into the box, if it is reached. */
  const collect = async () => {
    const own = new OwnBoxes(ann.db, crypto)
    await own.load()
    await Promise.all(own.all().map(box => run.collector.add(box)))
  }

  async function stop(): Promise<void> {
    await run.collector.stop()
    await run.witness.close()
    await ann.spaces.stop()
  }

  async function open(db: Database): Promise<void> {
    if (db.status !== 'open') await db.open()
    const init = { ...ann.init, db }
    const spaces = await createSpaces(init)
    await spaces.start()
    ann = { ...ann, init, db, spaces }
    run = await begin(ann)
  }

  const put = (key: string) => keyValue(ann.spaces.get(id)!, 'default').put(key, text(key))
  const unshown = () => ann.spaces.get(id)!.review().unshown
  const shown = (of = ann) =>
    of.spaces.replica
      .space(id)
      ?.frontier()
      .find(([twin]) => twin.every((byte, at) => byte === ann.twin[at]))?.[2]

  beforeEach(async () => {
    seen = []
    isRepeating = false
    mailbox = await TestMailbox.make(undefined, honest => repeating(honest, seen, () => isRepeating))
    ;[ann, ben] = (await openTwins(2, { asksFirst: true })) as [TestReplica, TestReplica]
    id = (await ann.spaces.create({ kind: 'shared', name: 'house', members: [ben.twin] })).id
    run = await begin(ann)
    await collect()
    await put('first')
  })

  afterEach(async () => {
    await run.collector.stop()
    await ann.spaces.stop()
    await ben.spaces.stop()
    await mailbox.stop()
  })

  it('shows what is written after a start though nobody else is met, and takes its note back by it', async () => {
    for (let round = 0; round < 3; round++) {
      await stop()
      await open(ann.db)
      await put(`round ${round}`)
      expect(unshown()).equal(1)
      await collect()
      expect(unshown()).equal(0)
      expect(shown()).equal(round + 2)
    }
    expect(await mailbox.db.keys({ gt: 'box/p/', lt: 'box/p/~' }).all()).deep.equal([])
  })

  it('a disk that was set back to before the note was taken finds none, and shows nothing', async () => {
    await stop()
    await ann.db.open()
    const old = await copyOf(ann.db)
    await open(ann.db)
    await collect()
    const link = new Link(ann.spaces.replica, ben.spaces.replica).start()
    await until(() => ben.spaces.get(id)?.state === 'open')
    await put('shown')
    await until(() => shown(ben) === 2)
    link.cut()
    await run.collector.stop()
    await ann.spaces.stop()

    await open(old)
    await put('other')
    await collect()
    expect([unshown(), shown()]).deep.equal([1, 1])
  })

  it('a note that a copy of the disk took out first counts for nothing', async () => {
    await stop()
    await ann.db.open()
    const copy = await copyOf(ann.db)
    await open(ann.db)
    await collect()
    expect(seen).length(1)
    await run.collector.stop()
    await ann.spaces.stop()
    isRepeating = true
    await open(copy)
    await put('other')
    await collect()
    expect([unshown(), shown()]).deep.equal([1, 1])
  })

  it('a disk that was set back to before what the note says is not confirmed by it', async () => {
    const old = await copyOf(ann.db)
    await put('second')
    await stop()
    await open(old)
    await put('other')
    await collect()
    expect([unshown(), shown()]).deep.equal([1, 1])
  })

  it('what is written while it stops is shown to nobody', async () => {
    const link = new Link(ann.spaces.replica, ben.spaces.replica).start()
    await until(() => shown(ben) === 1)
    await run.collector.stop()
    await run.witness.close()
    await put('late')
    expect([unshown(), shown()]).deep.equal([1, 1])
    link.cut()
    await ann.spaces.stop()
    await open(ann.db)
    await collect()
    expect([unshown(), shown()]).deep.equal([0, 2])
  })

  it('no peer makes a note false: what it confirms waits until the note was taken back, or the mailbox is silent', async () => {
    await stop()
    mailbox.isOff = true
    await open(ann.db)
    await collect()
    await put('second')
    const link = new Link(ann.spaces.replica, ben.spaces.replica).start()
    await until(() => shown(ben) === 1)
    ann.spaces.replica.heard!(id, ben.spaces.replica.self, 'done')
    expect(unshown()).equal(1)
    await clock.advance(60_000)
    await until(() => shown(ben) === 2)
    expect(unshown()).equal(0)
    link.cut()
  })

  it('a note that another device or the mailbox made is taken for nothing', async () => {
    const stranger = await newTwin()
    const other = { ...ann, init: { ...ann.init, me: { ...ann.init.me, signer: stranger.keys.signing } } }
    const forged = await begin(other)
    await forged.witness.close()
    await ann.spaces.stop()
    await open(ann.db)
    await put('second')
    await collect()
    expect(unshown()).equal(1)
  })
})
