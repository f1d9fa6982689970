import { expect } from 'chai'
import { isFormer, listFormer } from '../identity/index.ts'
import { bytesToHex } from '../log/index.ts'
import type { Space } from '../spaces/index.ts'
import { addDevice, exchange, openTwins, restoreAlone, type TestReplica } from '../spaces/replicas.fixture.ts'
import { Link, settle, until } from './link.fixture.ts'

async function say(space: Space, line: string): Promise<void> {
  await space.write(`diary/${space.myNumber}`, doc => void doc.getArray('lines').push([line]))
}

async function linesOf(space: Space): Promise<string[]> {
  const lines: string[] = []
  for (const number of [1, 2, 3]) {
    lines.push(...(await space.read(`diary/${number}`, doc => doc.getArray<string>('lines').toArray())))
  }
  return lines.sort()
}

async function reads(space: Space, ...lines: string[]): Promise<void> {
  while ((await linesOf(space)).length < lines.length) await new Promise(setImmediate)
  expect(await linesOf(space)).deep.equal(lines)
}

describe('a twin restored from its phrase alone', () => {
  let twins: TestReplica[]
  const links: Link[] = []

  /** The lower one decides in a direct conversation. */
  beforeEach(async () => {
    twins = await openTwins(3)
    twins.sort((a, b) => Buffer.compare(a.twin, b.twin))
  })

  afterEach(async () => {
    for (const link of links.splice(0)) link.cut()
    for (const { spaces } of twins) await spaces.stop()
  })

  const connect = (one: TestReplica, other: TestReplica): Link => {
    const link = new Link(one.spaces.replica, other.spaces.replica).start()
    links.push(link)
    return link
  }

  const talk = async (one: TestReplica, other: TestReplica): Promise<Uint8Array> => {
    const lower = twins.indexOf(one) < twins.indexOf(other) ? one : other
    const { id } = (await lower.spaces.direct((lower === one ? other : one).twin))!
    await exchange(one, other)
    await say(one.spaces.get(id)!, 'by the one who is restored')
    await exchange(one, other)
    await say(other.spaces.get(id)!, 'answer')
    await exchange(one, other)
    return id
  }

  /** The machine is gone; the contact hears of the new device as by hello. */
  const restore = async (lost: TestReplica, ...contacts: TestReplica[]): Promise<TestReplica> => {
    await lost.spaces.stop()
    const back = await restoreAlone(lost, 300, contacts)
    twins[twins.indexOf(lost)] = back
    for (const contact of contacts) await contact.init.directory.receive(back.twin, back.records)
    return back
  }

  for (const [title, at] of [
    ['decided in it', 0],
    ['did not decide in it', 1]
  ] as const) {
    it(`has a conversation again as soon as the contact is met, when it ${title}`, async () => {
      const lost = twins[at]!
      const friend = twins[1 - at]!
      const id = await talk(lost, friend)
      const back = await restore(lost, friend)
      // Its owner makes them a contact again
      expect(await back.spaces.direct(friend.twin)).equal(undefined)
      const link = connect(back, friend)
      await until(() => back.spaces.get(id)?.state === 'open')
      const here = back.spaces.get(id)!
      const there = friend.spaces.get(id)!
      await reads(here, 'answer', 'by the one who is restored')
      await until(() => here.hasKey)
      await say(here, 'I am back')
      await say(there, 'welcome')
      const all = ['I am back', 'answer', 'by the one who is restored', 'welcome']
      await reads(here, ...all)
      await reads(there, ...all)
      await settle(link)
      expect(link.errors()).deep.equal([])
      expect(there.state).equal('open')
      expect(back.init.directory.get(back.twin)!.proof).equal(undefined)
      const list = friend.init.directory.get(back.twin)!
      await until(() => isFormer(list, 1) && list.isRevoked(1))
      expect(list.device(1)!.revoked).equal(undefined)
      if (at === 0) await until(() => back.spaces.isKeeper(here))
      expect(back.spaces.isKeeper(here)).equal(at === 0)
    })
  }

  it('keeps what each contact has, until its owner says where the devices before end', async () => {
    const [first, lost, last] = twins as [TestReplica, TestReplica, TestReplica]
    const ids = [await talk(lost, first), await talk(lost, last)]
    const back = await restore(lost, first, last)
    connect(back, first)
    await until(() => back.spaces.get(ids[0]!)?.state === 'open')
    await reads(back.spaces.get(ids[0]!)!, 'answer', 'by the one who is restored')
    const link = connect(back, last)
    await back.spaces.direct(last.twin)
    await until(() => back.spaces.get(ids[1]!)?.state === 'open')
    await reads(back.spaces.get(ids[1]!)!, 'answer', 'by the one who is restored')
    await until(() => back.spaces.isKeeper(back.spaces.get(ids[1]!)!))
    expect(await back.spaces.revokeDevice(1)).equal('recorded')
    const cuts = back.init.directory.get(back.twin)!.device(1)!.revoked!.cuts
    expect(cuts.map(({ space, seq }) => [bytesToHex(space), seq]).sort()).deep.equal(
      ids.map(id => [bytesToHex(id), 1]).sort()
    )
    await until(() => last.init.directory.get(back.twin)!.device(1)?.revoked !== undefined)
    await settle(link)
    for (const [index, friend] of [first, last].entries()) {
      await reads(friend.spaces.get(ids[index]!)!, 'answer', 'by the one who is restored')
      await reads(back.spaces.get(ids[index]!)!, 'answer', 'by the one who is restored')
    }
  })

  for (const [title, at] of [
    ['its own', 0],
    ["a contact's", 1]
  ] as const) {
    it(`has ${title} group again with what only some of the others had, and so have they in the end`, async () => {
      const [lost, friend, other] = twins as [TestReplica, TestReplica, TestReplica]
      const { spaces } = twins[at]!
      const members = twins.filter((_, index) => index !== at).map(({ twin }) => twin)
      const { id } = await spaces.create({ kind: 'group', name: 'Trip', members })
      await exchange(...twins)
      await say(lost.spaces.get(id)!, 'first')
      await exchange(...twins)
      await say(lost.spaces.get(id)!, 'seen by one')
      await exchange(lost, other)
      const back = await restore(lost, friend, other)
      const links = [connect(back, friend)]
      await until(() => back.spaces.get(id) !== undefined)
      await reads(back.spaces.get(id)!, 'first')
      links.push(connect(back, other), connect(friend, other))
      await reads(back.spaces.get(id)!, 'first', 'seen by one')
      await settle(...links)
      expect(await linesOf(friend.spaces.get(id)!)).deep.equal(['first'])
      await back.spaces.revokeDevice(1)
      await settle(...links)
      // As sessions do by the clock: it was refused while nobody knew where the log ends
      for (const { ends } of links) for (const { session } of ends) session.resync()
      await reads(friend.spaces.get(id)!, 'first', 'seen by one')
      await until(() => back.spaces.get(id)!.hasKey)
      await say(back.spaces.get(id)!, 'third')
      for (const { spaces } of twins) await reads(spaces.get(id)!, 'first', 'seen by one', 'third')
      expect(back.spaces.isKeeper(back.spaces.get(id)!)).equal(at === 0)
      for (const link of links) expect(link.errors()).deep.equal([])
    })
  }

  it('ends a device where it ended before the restore, without its owner, and no other', async () => {
    const [lost, friend] = twins as [TestReplica, TestReplica]
    const thief = await addDevice(lost, 2, [lost, friend], { scopes: [] })
    await exchange(lost, thief)
    const id = await talk(lost, friend)
    await exchange(lost, thief, friend)
    await say(thief.spaces.get(id)!, 'before it was stolen')
    await exchange(lost, thief, friend)
    await lost.spaces.revokeDevice(2)
    await friend.init.directory.receive(lost.twin, lost.init.directory.get(lost.twin)!.all())
    const { cuts } = friend.init.directory.get(lost.twin)!.device(2)!.revoked!
    await thief.spaces.stop()
    const back = await restore(lost, friend)
    expect(back.init.directory.get(back.twin)!.device(2)).equal(undefined)
    await back.spaces.direct(friend.twin)
    connect(back, friend)
    await until(() => back.init.directory.get(back.twin)!.device(2)?.revoked !== undefined)
    const list = back.init.directory.get(back.twin)!
    expect(list.device(2)!.revoked!.cuts).deep.equal(cuts)
    expect(list.device(1)!.revoked).equal(undefined)
    await until(() => friend.init.directory.get(back.twin)!.device(2)?.revoked !== undefined)
    await until(() => back.spaces.get(id)?.state === 'open')
    await reads(back.spaces.get(id)!, 'answer', 'before it was stolen', 'by the one who is restored')
  })

  it('begins a conversation with somebody who says that there was none', async () => {
    const [lost, friend] = twins as [TestReplica, TestReplica]
    const back = await restore(lost, friend)
    expect(await back.spaces.direct(friend.twin)).equal(undefined)
    connect(back, friend)
    await until(() => friend.spaces.list().some(({ kind }) => kind === 'direct'))
    const here = (await back.spaces.direct(friend.twin))!
    await say(here, 'hello')
    await until(() => friend.spaces.get(here.id)!.state === 'open')
    await reads(friend.spaces.get(here.id)!, 'hello')
  })

  it('takes no list of another twin, and lists nobody twice', async () => {
    const [lost, friend, stranger] = twins as [TestReplica, TestReplica, TestReplica]
    const second = await addDevice(lost, 2, [friend])
    await second.spaces.stop()
    const back = await restore(lost, friend)
    const { directory, me } = back.init
    expect(await directory.receive(back.twin, stranger.records)).equal('refused')
    expect(
      directory
        .get(back.twin)!
        .devices()
        .map(({ number }) => number)
    ).deep.equal([300])
    await connect(back, friend)
    const list = directory.get(back.twin)!
    await until(() => [1, 2].every(number => isFormer(list, number) && list.isRevoked(number)))
    expect(list.devices()).length(3)
    const { head } = list
    await listFormer(list, me.signer, Date.now())
    expect(list.head).deep.equal(head)
    expect(isFormer(list, 300)).equal(false)
  })
})
