import { expect } from 'chai'
import { MAX_ITEM_BYTES, SyncError, SyncSession } from './index.ts'
import { MAX_UNSTORED_BYTES } from './limits.ts'
import { Link, settle } from './link.fixture.ts'
import { bytes, MemoryReplica } from './memory-replica.fixture.ts'

const SPACE = 77

function two(): { a: MemoryReplica; b: MemoryReplica; space: Uint8Array } {
  const [a, b] = [new MemoryReplica(1), new MemoryReplica(2)] as const
  const members = [bytes(1), bytes(2), bytes(3)]
  const space = a.create(SPACE, members)
  b.create(SPACE, members)
  return { a, b, space }
}

describe('SyncSession under stress', () => {
  it('finishes what a cut session began, in the next one', async () => {
    const { a, b, space } = two()
    for (let i = 0; i < 300; i++) a.write(space, 8, 1000)
    let items = 0
    const first: Link = new Link(a, b, {
      onItem: item => {
        if (++items === 6) first.cut()
        return item
      }
    }).start()
    await settle(first)
    const half = b.seqOf(space, a.self)
    expect(half).to.be.greaterThan(0).and.lessThan(2400)
    const second = new Link(a, b).start()
    await settle(second)
    expect(second.errors()).to.deep.equal([])
    expect(b.seqOf(space, a.self)).to.equal(2400)
    expect(b.received).to.be.lessThan(310)
  })

  it('keeps a bounded amount in memory for a peer that does not read, and catches up when it does', async () => {
    const { a, b, space } = two()
    let release = (): void => {}
    let held = 0
    const gate = new Promise<void>(resolve => {
      release = resolve
    })
    const items: Uint8Array[] = []
    const session = new SyncSession({
      replica: a,
      remote: b.self,
      clock: () => 0,
      send: async item => {
        held += item.length
        items.push(item)
        await gate
      }
    })
    const reader = new SyncSession({
      replica: b,
      remote: a.self,
      clock: () => 0,
      send: item => void session.receive(item)
    })
    session.start()
    reader.start()
    await settle()
    for (let i = 0; i < 4000; i++) a.write(space, 1, 2000)
    await settle()
    // Eight megabytes are stored; what was handed out is one item
    expect(held).to.be.lessThan(300_000)
    release()
    for (let idle = 0; idle < 5; idle++) {
      for (let item = items.shift(); item !== undefined; item = items.shift()) {
        idle = 0
        await reader.receive(item)
      }
      await settle()
    }
    expect(b.seqOf(space, a.self)).to.equal(4000)
    session.close()
    reader.close()
  })

  it('keeps every item within the limit, however large runs, records and claims are', async () => {
    const { a, b, space } = two()
    for (let i = 0; i < 4; i++) a.write(space, 8, 125_000)
    const link = new Link(a, b).start()
    await settle(link)
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 60; j++) a.admit(space, bytes(100 + i * 10 + (j % 10)))
      a.write(space, 8, 125_000)
      for (let j = 0; j < 300; j++) b.write(space, 1, 700)
      a.write(space, 8, 120_000)
      // Some of it is written while the store is being read for the peer
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
      for (let j = 0; j < 9; j++) {
        a.write(space, 1, 100_000)
        await undefined
      }
    }
    await settle(link)
    expect(link.errors()).to.deep.equal([])
    expect([b.seqOf(space, a.self), a.seqOf(space, b.self)]).to.deep.equal([132, 1200])
    for (const { received } of link.ends) {
      for (const item of received) expect(item.length).to.be.at.most(MAX_ITEM_BYTES)
    }
  })

  describe('while the disk is busy', () => {
    /** Calls of a replica whose first one is not over before `release`. */
    async function busy() {
      const { a, b, space } = two()
      const link = new Link(a, b).start()
      await settle(link)
      let calls = 0
      let release = (): void => {}
      const first = new Promise<void>(resolve => {
        release = resolve
      })
      b.beforeStore = () => {
        calls++
        return calls === 1 ? first : Promise.resolve()
      }
      return { a, b, space, link, calls: () => calls, release }
    }

    it('hands over together what arrives', async () => {
      const { a, b, space, link, calls, release } = await busy()
      a.write(space, 1, 2 * MAX_UNSTORED_BYTES)
      for (let i = 0; i < 20; i++) {
        a.write(space)
        await settle(link)
      }
      release()
      await settle(link)
      expect(b.seqOf(space, a.self)).to.equal(21)
      expect(calls()).to.equal(2)
    })

    it('hands over what is small at once, for somebody may be looking', async () => {
      const { a, b, space, link, calls, release } = await busy()
      for (let i = 0; i < 5; i++) {
        a.write(space)
        await settle(link)
      }
      expect(calls()).to.equal(5)
      release()
      await settle(link)
      expect(b.seqOf(space, a.self)).to.equal(5)
    })

    it('carries out what is decided after runs only when they are stored', async () => {
      const { a, b, space, link, calls, release } = await busy()
      a.write(space)
      await settle(link)
      a.admit(space, bytes(77))
      await settle(link)
      expect([calls(), b.space(space)!.mhead[1]]).to.deep.equal([1, a.space(space)!.mhead[1] - 1])
      release()
      await settle(link)
      expect(b.space(space)!.mhead[1]).to.equal(a.space(space)!.mhead[1])
    })
  })

  it('asks again for what could not be taken, once device lists or records arrived', async () => {
    const { a, b, space } = two()
    b.refuseRuns = { code: 'later', reason: 'The device is not on the list' }
    a.write(space, 3)
    const link = new Link(a, b).start()
    await settle(link)
    expect(b.seqOf(space, a.self)).to.equal(0)
    b.refuseRuns = undefined
    a.growDevices(bytes(1))
    await settle(link)
    expect(b.seqOf(space, a.self)).to.equal(3)
  })

  it('finds what got lost unnoticed when it is told to compare anew', async () => {
    const { a, b, space } = two()
    const link = new Link(a, b).start()
    await settle(link)
    b.refuseRuns = { code: 'membership', reason: 'Dropped for no reason' }
    a.write(space, 2)
    await settle(link)
    b.refuseRuns = undefined
    expect(b.seqOf(space, a.self)).to.equal(0)
    for (const { session } of link.ends) session.resync()
    await settle(link)
    expect(b.seqOf(space, a.self)).to.equal(2)
  })

  it('ends with a local error when the peer passes on what does not verify', async () => {
    const { a, b, space } = two()
    b.refuseRuns = { code: 'signature', reason: 'The signature does not verify' }
    a.write(space)
    const link = new Link(a, b).start()
    await settle(link)
    const error = await link.ends[1].session.closed
    expect(error).to.be.instanceOf(SyncError)
    expect(error?.code).to.equal('refused')
    // The error is not told to the peer
    expect(link.ends[0].received.every(item => !new TextDecoder().decode(item).includes('verify'))).to.equal(true)
  })

  it('ends when the replica fails, and leaves no listener behind', async () => {
    const { a, b, space } = two()
    b.beforeStore = () => Promise.reject(new Error('The disk is full'))
    a.write(space)
    const link = new Link(a, b).start()
    await settle(link)
    expect((await link.ends[1].session.closed)?.code).to.equal('replica')
    link.cut()
    expect([a.listeners, b.listeners]).to.deep.equal([0, 0])
  })

  it('ends when a peer opens the same space again and again', async () => {
    const { a, b } = two()
    const link = new Link(a, b).start()
    await settle(link)
    for (let i = 0; i < 40; i++) link.ends[0].session.resync()
    await settle(link)
    expect((await link.ends[1].session.closed)?.code).to.equal('flood')
  })

  it('start(), resync() and close() may be called in any order and again', async () => {
    const { a, b } = two()
    const link = new Link(a, b)
    link.ends[0].session.resync()
    link.start().start()
    link.cut()
    link.cut()
    for (const { session } of link.ends) {
      session.start()
      session.resync()
      expect(session.progress().isOpen).to.equal(false)
      expect(await session.closed).to.equal(undefined)
      expect(await session.receive(Uint8Array.of(0x80)).catch((error: unknown) => error)).to.be.instanceOf(SyncError)
    }
    expect(a.listeners).to.equal(0)
  })
})
