import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { openTwins, readText, type TestReplica, text } from '../spaces/replicas.fixture.ts'
import { asNewDevice, copyOf, openOn, reopened } from './disk.fixture.ts'
import { Link, settle, until } from './link.fixture.ts'

describe('a device of which two histories were shown', () => {
  let ada: TestReplica
  let bea: TestReplica
  let id: Uint8Array
  let link: Link

  const tableOf = ({ spaces }: TestReplica) => keyValue(spaces.get(id)!, 'default')
  const keysOf = async (replica: TestReplica) => {
    const keys: string[] = []
    for await (const { key } of tableOf(replica).list()) keys.push(key)
    return keys
  }
  const headOf = (of: TestReplica, device: number) =>
    of.spaces.replica
      .space(id)
      ?.frontier()
      .find(([twin, number]) => number === device && twin.every((byte, at) => byte === ada.twin[at]))
  const meet = () => {
    link = new Link(ada.spaces.replica, bea.spaces.replica).start()
  }

  beforeEach(async () => {
    ;[ada, bea] = (await openTwins(2)) as [TestReplica, TestReplica]
    id = (await ada.spaces.create({ kind: 'shared', name: 'shared', members: [bea.twin] })).id
    meet()
    await until(() => bea.spaces.get(id)?.state === 'open')
    await tableOf(ada).put('before', text('1'))
    await until(() => headOf(bea, 1)?.[2] === 1)
  })

  afterEach(async () => {
    link.cut()
    await ada.spaces.stop()
    await bea.spaces.stop()
  })

  /** Bea has five entries of Ada, Ada three others in their place, and both have seen it. */
  async function fork(): Promise<void> {
    const old = await copyOf(ada.db)
    for (let n = 0; n < 5; n++) await tableOf(ada).put(`lost ${n}`, text(`${n}`))
    await tableOf(ada).put('both', text('first'))
    await until(() => headOf(bea, 1)?.[2] === 7)
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(old, ada)
    for (let n = 0; n < 3; n++) await tableOf(ada).put(`other ${n}`, text(`${n}`))
    await tableOf(ada).put('both', text('second'))
    const forked = new Promise(resolve => ada.spaces.on('fork', resolve))
    meet()
    await forked
  }

  const everything = [
    ...['before', 'both'],
    ...[0, 1, 2, 3, 4].map(n => `lost ${n}`),
    ...[0, 1, 2].map(n => `other ${n}`)
  ]

  it('keeps both: what others have of the other history is stored beside its own', async () => {
    await fork()
    await until(() => headOf(ada, 1)?.[2] === 7)
    expect(headOf(ada, 1)?.[3]).deep.equal(headOf(bea, 1)?.[3])
    expect((await ada.db.keys({ gte: 'y/', lt: 'y0' }).all()).length).above(0)
    expect(await keysOf(ada))
      .include('other 2')
      .and.not.include('lost 4')
    const refused = await tableOf(ada)
      .put('more', text('x'))
      .catch((error: Error) => error.message)
    expect(refused).match(/Two histories/)
    // It is the same after a start
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(await reopened(ada.db), ada)
    expect(headOf(ada, 1)?.[2]).equal(7)
  })

  it('goes on as a new device that writes both again, and the old log ends everywhere where both were the same', async () => {
    await fork()
    await until(() => headOf(ada, 1)?.[2] === 7)
    link.cut()
    ada = await asNewDevice(ada, 300)
    expect(await ada.spaces.revokeDevice(1)).equal('recorded')
    await ada.spaces.get(id)!.flush()
    expect(await keysOf(ada)).deep.equal(everything)
    meet()
    await until(() => headOf(bea, 300) !== undefined && headOf(bea, 300)?.[2] === headOf(ada, 300)?.[2])
    expect(headOf(bea, 1)?.[2]).equal(1)
    expect(await keysOf(bea)).deep.equal(everything)
    for (const key of everything) {
      const value = readText((await tableOf(ada).get(key))?.value)
      expect(readText((await tableOf(bea).get(key))?.value), key).equal(value)
    }
    await tableOf(ada).put('after', text('x'))
    await until(() => headOf(bea, 300)?.[2] === headOf(ada, 300)?.[2])
    expect(await keysOf(bea)).include('after')
    // Nothing is written a second time at the next start
    const seq = headOf(ada, 300)![2]
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(await reopened(ada.db), ada)
    await ada.spaces.get(id)!.flush()
    expect(headOf(ada, 300)![2]).equal(seq)
  })

  it('is the same for who saw the one, who saw the other and who saw both, and what they built on either stays', async () => {
    const [cid] = (await openTwins(1)) as [TestReplica]
    for (const other of [ada, bea]) {
      await other.init.directory.receive(cid.twin, cid.records)
      await cid.init.directory.receive(other.twin, other.records)
    }
    await ada.spaces.addMember(ada.spaces.get(id)!, cid.twin)
    const old = await copyOf(ada.db)
    await tableOf(ada).put('lost', text('1'))
    await until(() => headOf(bea, 1)?.[2] === 2)
    await tableOf(bea).put('lost', text('changed by Bea'))
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(old, ada)
    let other = new Link(ada.spaces.replica, cid.spaces.replica).start()
    await until(() => cid.spaces.get(id)?.state === 'open')
    await tableOf(ada).put('other', text('1'))
    await until(() => headOf(cid, 1)?.[2] === 2)
    await tableOf(cid).put('other', text('changed by Cid'))
    meet()
    await until(
      () =>
        headOf(ada, 1)?.[2] === 2 &&
        ada.spaces
          .get(id)!
          .review()
          .logs.some(log => log.isFrozen)
    )
    const third = new Link(bea.spaces.replica, cid.spaces.replica).start()
    await settle(third, link, other)
    link.cut()
    other.cut()

    ada = await asNewDevice(ada, 300)
    await ada.spaces.revokeDevice(1)
    meet()
    other = new Link(ada.spaces.replica, cid.spaces.replica).start()
    const rows = async (of: TestReplica) =>
      Promise.all(['before', 'lost', 'other'].map(async key => readText((await tableOf(of).get(key))?.value)))
    const expected = ['1', 'changed by Bea', 'changed by Cid']
    for (const replica of [ada, bea, cid]) {
      while (JSON.stringify(await rows(replica)) !== JSON.stringify(expected)) await settle(link, other, third)
      expect(await rows(replica)).deep.equal(expected)
    }
    third.cut()
    other.cut()
    await cid.spaces.stop()
  })
})
