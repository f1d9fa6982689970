import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { failNextWrite } from './database.fixture.ts'
import { addDevice, exchange, openTwins, sharedSpace, type TestReplica, text } from './replicas.fixture.ts'

const put = (space: Parameters<typeof keyValue>[0], key: string) => keyValue(space, 'n').put(key, text(key))

describe('a browser among the devices of a twin', function () {
  this.timeout(60_000)

  const browserOf = (of: TestReplica, others: readonly TestReplica[] = []) =>
    addDevice(of, 2, others, { role: 'browser', spaces: { replicates: kind => kind !== 'shared' } })

  it('keeps the kinds of spaces that it replicates, and another one once it is accepted', async () => {
    const [node] = (await openTwins(1)) as [TestReplica]
    const browser = await browserOf(node)
    const [shared] = (await sharedSpace([node], 'house')) as [typeof node.spaces.self]
    const group = await node.spaces.create({ kind: 'group', name: 'all', members: [] })
    await put(shared, 'colour')
    await exchange(node, browser)
    expect(browser.spaces.get(group.id)?.state).to.equal('open')
    const known = browser.spaces.get(shared.id)!
    expect([known.state, known.name]).to.deep.equal(['offered', 'house'])
    expect(await keyValue(known, 'n').get('colour')).to.equal(undefined)
    await browser.spaces.accept(shared.id)
    await exchange(node, browser)
    expect((await keyValue(known, 'n').get('colour'))?.value).to.deep.equal(text('colour'))
  })

  it('tells kinds apart by their policy, and keeps what others share by one it replicates', async () => {
    const [node, friend] = (await openTwins(2, { autoAccept: () => false })) as [TestReplica, TestReplica]
    const browser = await addDevice(node, 2, [node, friend], {
      role: 'browser',
      spaces: { autoAccept: () => false, replicates: (kind, policy) => kind !== 'shared' || policy === 'kept' }
    })
    const make = (policy: string) =>
      friend.spaces.create({ kind: 'shared', policy, name: policy, members: [node.twin] })
    const [kept, other] = [await make('kept'), await make('other')]
    await exchange(node, friend)
    await exchange(node, browser)
    for (const { spaces } of [node, browser]) expect(spaces.get(kept.id)?.state).to.equal('offered')
    for (const { id } of [kept, other]) await node.spaces.accept(id)
    // The key that came says so, behind the exchange
    const opened = new Promise<void>(resolve => {
      browser.spaces.on('open', ({ space }) => space.text === kept.text && resolve())
    })
    await exchange(node, browser)
    await opened
    expect(browser.spaces.get(kept.id)?.state).to.equal('open')
    expect(browser.spaces.get(other.id)?.state).to.equal('offered')
  })

  for (const write of [1, 2]) {
    it(`keeps a space that another device accepted though write ${write} fails as it hears of it`, async () => {
      const [node, friend] = (await openTwins(2, { autoAccept: () => false })) as [TestReplica, TestReplica]
      const spaces = { autoAccept: () => false, replicates: () => true }
      const other = await addDevice(node, 2, [node, friend], { role: 'browser', spaces })
      const { id } = await friend.spaces.create({ kind: 'shared', name: 'theirs', members: [node.twin] })
      await exchange(node, friend)
      await exchange(node, other)
      expect(other.spaces.get(id)?.state).to.equal('offered')
      await node.spaces.accept(id)
      failNextWrite(other.db, write)
      const opened = new Promise<void>(resolve => other.spaces.on('open', () => resolve()))
      for (let turn = 0; turn < 2; turn++) {
        await exchange(node, other)
        await other.spaces.self.flush()
      }
      await opened
      expect(other.spaces.get(id)?.state).to.equal('open')
    })
  }

  it('waits for a full disk to have room before it opens a space that another device accepted', async () => {
    const [node, friend] = (await openTwins(2, { autoAccept: () => false })) as [TestReplica, TestReplica]
    let [isFull, looks] = [false, 0]
    const hasRoom = async () => ++looks > 0 && !isFull
    const spaces = { autoAccept: () => false, replicates: () => true, hasRoom }
    const other = await addDevice(node, 2, [node, friend], { role: 'browser', spaces })
    const { id } = await friend.spaces.create({ kind: 'shared', name: 'theirs', members: [node.twin] })
    await exchange(node, friend)
    await exchange(node, other)
    await node.spaces.accept(id)
    // The keys arrive, and that the space is open cannot be written
    failNextWrite(other.db, 2)
    isFull = true
    await exchange(node, other).catch(() => {})
    looks = 0
    for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate)
    expect(other.spaces.get(id)?.state).to.equal('offered')
    expect(looks).to.be.lessThan(5)
    isFull = false
    const opened = new Promise<void>(resolve => other.spaces.on('open', () => resolve()))
    // The store of a browser takes its time to open again after a failure
    for (let isWritten = false; !isWritten; ) {
      isWritten = await put(other.spaces.self, 'room').then(
        () => true,
        () => false
      )
    }
    await opened
    expect(other.spaces.get(id)?.state).to.equal('open')
  })

  it('is not told by the keys of others that it is to keep a space', async () => {
    const [node, friend] = (await openTwins(2, { autoAccept: () => false })) as [TestReplica, TestReplica]
    const browser = await browserOf(node, [node, friend])
    const space = await friend.spaces.create({ kind: 'shared', name: 'theirs', members: [node.twin] })
    await exchange(node, friend, browser)
    await node.spaces.accept(space.id)
    await exchange(node, friend, browser)
    expect(node.spaces.get(space.id)?.state).to.equal('open')
    expect(browser.spaces.get(space.id)?.state).to.equal('offered')
  })

  it('counts what it wrote as unsynced until a node of its twin has it, whoever else does', async () => {
    const [node] = (await openTwins(1)) as [TestReplica]
    const browser = await browserOf(node)
    const second = await addDevice(node, 3, [browser], { role: 'browser' })
    await exchange(node, browser, second)
    await put(browser.spaces.self, 'a')
    await put(browser.spaces.self, 'b')
    const { unsynced } = browser.spaces.self
    expect(unsynced).to.be.greaterThan(0)
    await exchange(browser, second)
    expect(browser.spaces.self.unsynced).to.equal(unsynced)
    await exchange(browser, node)
    expect(browser.spaces.self.unsynced).to.equal(0)
  })

  it('is no holder: with it alone nothing that an absent second node lacks is dropped', async () => {
    const [node] = (await openTwins(1, { absentMs: 0 })) as [TestReplica]
    const second = await addDevice(node, 3)
    const browser = await browserOf(node, [node])
    await second.init.directory.receive(node.twin, node.init.directory.get(node.twin)!.all())
    await exchange(node, browser, second)
    for (let round = 0; round < 40; round++) await put(node.spaces.self, 'colour')
    await exchange(node, browser)
    expect((await node.spaces.self.compact()).dropped).to.equal(0)
    await exchange(node, browser, second)
    await exchange(node, browser, second)
    expect((await node.spaces.self.compact()).dropped).to.be.greaterThan(0)
  })
})
