import { expect } from 'chai'
import { decode } from '../codec.ts'
import type { LogId } from '../log/index.ts'
import { decodeItem } from './index.ts'
import { Link, settle } from './link.fixture.ts'
import { bytes, MemoryReplica } from './memory-replica.fixture.ts'
import { logKey } from './numbers.ts'

const SPACE = 77

function two(): { a: MemoryReplica; b: MemoryReplica; space: Uint8Array } {
  const [a, b] = [new MemoryReplica(1), new MemoryReplica(2)] as const
  const members = [bytes(1), bytes(2), bytes(3)]
  const space = a.create(SPACE, members)
  b.create(SPACE, members)
  return { a, b, space }
}

describe('SyncSession', () => {
  it('brings both sides level, whoever wrote what while apart', async () => {
    const { a, b, space } = two()
    for (let i = 0; i < 20; i++) a.write(space, 3)
    for (let i = 0; i < 5; i++) b.write(space)
    const link = new Link(a, b).start()
    await settle(link)
    expect(link.errors()).to.deep.equal([])
    expect(b.seqOf(space, a.self)).to.equal(60)
    expect(a.seqOf(space, b.self)).to.equal(5)
    for (const { session } of link.ends) {
      const [progress] = session.progress().spaces
      expect(progress).to.include({ isShared: true, isReceived: true, isSent: true, lacking: 0 })
    }
  })

  it('sends what is written afterwards at once, and once', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    await settle(link)
    const before = link.ends[1].received.length
    a.write(space)
    await settle(link)
    expect(b.seqOf(space, a.self)).to.equal(1)
    expect(link.ends[1].received.length - before).to.equal(1)
    expect(b.received).to.equal(1)
  })

  it('puts everything of one tick into one item and names previous hash and membership only once', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    await settle(link)
    const before = link.ends[1].received.length
    for (let i = 0; i < 10; i++) a.write(space)
    await settle(link)
    const items = link.ends[1].received.slice(before)
    expect(items).to.have.length(1)
    const runs = decodeItem(items[0]!).flatMap(message => (message.type === 'run' ? [message.run] : []))
    expect(runs).to.have.length(10)
    for (const run of runs.slice(1)) {
      const [, , prev, , mhead] = decode(run) as unknown[]
      expect([prev, mhead]).to.deep.equal([null, null])
    }
    expect(b.seqOf(space, a.self)).to.equal(10)
  })

  it('names the membership again when it changed', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    a.write(space)
    a.admit(space, bytes(4))
    a.write(space)
    a.write(space)
    await settle(link)
    expect(link.errors()).to.deep.equal([])
    expect(b.seqOf(space, a.self)).to.equal(3)
    for await (const run of b.runs(space, a.self, 1)) expect((decode(run) as [0, 0, 0, 0, number[]])[4][1]).to.equal(4)
  })

  it('spends few bytes on a lone small write and its acknowledgement', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    a.write(space)
    await settle(link)
    const before = link.ends.map(({ received }) => received.length)
    a.write(space, 1, 100 + 60)
    await settle(link)
    const sizes = link.ends.flatMap(({ received }, end) => received.slice(before[end]).map(item => item.length))
    expect(sizes).to.have.length(2)
    expect(sizes[0]! + sizes[1]!).to.be.lessThan(350)
  })

  it('tells the author how far its entries are held, also by devices it does not see', async () => {
    const { a, b, space } = two()
    const c = new MemoryReplica(3)
    c.create(SPACE, [bytes(1), bytes(2), bytes(3)])
    const links = [new Link(a, b).start(), new Link(b, c).start()]
    await settle(...links)
    a.write(space, 4)
    await settle(...links)
    expect(c.seqOf(space, a.self)).to.equal(4)
    const held = a.durable(space).map(({ by, seq }) => [by.twin[0], seq])
    expect(held).to.deep.include.members([
      [2, 4],
      [3, 4]
    ])
  })

  it('offers a space that the peer does not know, and sends its content only once it was accepted', async () => {
    const { a, space } = two()
    const b = new MemoryReplica(2)
    a.write(space, 7)
    const link = new Link(a, b).start()
    await settle(link)
    expect(b.space(space)?.state).to.equal('offered')
    expect(b.received).to.equal(0)
    b.setState(space, 'open')
    await settle(link)
    expect(b.seqOf(space, a.self)).to.equal(7)
  })

  it('offers a space that is made while connected, and brings the device lists of its members', async () => {
    const [a, b] = [new MemoryReplica(1), new MemoryReplica(2)] as const
    a.deviceLists.set('03'.repeat(32), 5)
    const link = new Link(a, b).start()
    await settle(link)
    expect(b.deviceLists.get('03'.repeat(32))).to.equal(undefined)
    const space = a.create(SPACE, [bytes(1), bytes(2), bytes(3)])
    await settle(link)
    expect(b.space(space)?.state).to.equal('offered')
    expect(b.deviceLists.get('03'.repeat(32))).to.equal(5)
  })

  it('serves no space to a device whose twin is not a member', async () => {
    const { a, space } = two()
    const stranger = new MemoryReplica(9)
    stranger.create(SPACE, [bytes(1), bytes(9)])
    a.write(space, 3)
    const link = new Link(a, stranger).start()
    await settle(link)
    expect(stranger.seqOf(space, a.self)).to.equal(0)
    expect(link.ends[1].session.progress().spaces[0]?.refusal?.code).to.equal('not-member')
  })

  it('stops serving a space the moment the twin is removed from it', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    await settle(link)
    a.remove(space, bytes(2))
    a.write(space)
    await settle(link)
    expect(b.seqOf(space, a.self)).to.equal(0)
    expect(link.ends[1].session.progress().spaces[0]?.refusal?.code).to.equal('not-member')
  })

  it('ends the moment the device at the other end is revoked, and does not start with one that was', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    await settle(link)
    a.revoked.add(logKey(b.self))
    a.growDevices(b.self.twin)
    a.write(space)
    await settle(link)
    expect(b.seqOf(space, a.self)).to.equal(0)
    const again = new Link(a, b).start()
    await settle(again)
    expect(b.seqOf(space, a.self)).to.equal(0)
  })

  it('spreads new membership records and device lists on sight, but not back to where they came from', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    await settle(link)
    const before = link.ends.map(({ received }) => received.length)
    a.admit(space, bytes(4))
    a.growDevices(bytes(1))
    await settle(link)
    expect(b.space(space)?.isMember(bytes(4))).to.equal(true)
    expect(b.deviceLists.get('01'.repeat(32))).to.equal(2)
    const back = link.ends[0].received.slice(before[0]).flatMap(decodeItem)
    expect(back.map(({ type }) => type)).to.deep.equal(['heads'])
  })

  it('levels device lists that differ when the session starts', async () => {
    const { a, b } = two()
    a.deviceLists.set('03'.repeat(32), 3)
    b.deviceLists.set('01'.repeat(32), 9)
    const link = new Link(a, b).start()
    await settle(link)
    expect(b.deviceLists.get('03'.repeat(32))).to.equal(3)
    expect(a.deviceLists.get('01'.repeat(32))).to.equal(9)
  })

  it('passes presence on and never stores it', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    await settle(link)
    a.showPresence(space, 'note/1', Uint8Array.of(1, 5, 1, 2, 0x7b, 0x7d))
    await settle(link)
    expect(b.awareness).to.have.length(1)
    expect(b.awareness[0]?.document).to.equal('note/1')
  })

  it('converges over a chain and a ring of replicas that write at once', async () => {
    const replicas = [1, 2, 3, 4].map(twin => new MemoryReplica(twin))
    const members = [1, 2, 3, 4].map(twin => bytes(twin))
    const spaces = replicas.map(replica => replica.create(SPACE, members))
    const space = spaces[0]!
    const links = replicas.map((replica, i) => new Link(replica, replicas[(i + 1) % 4]!).start())
    for (let i = 0; i < 25; i++) for (const replica of replicas) replica.write(space, 1 + (i % 3))
    await settle(...links)
    const total = replicas.map(replica => replicas.map(({ self }: { self: LogId }) => replica.seqOf(space, self)))
    for (const row of total) expect(row).to.deep.equal(total[0])
    expect(links.flatMap(link => link.errors())).to.deep.equal([])
  })
})
