import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { keyValue } from '../key-value/index.ts'
import { failNextWrite, holdReading } from '../spaces/database.fixture.ts'
import type { Spaces, SpacesEvents } from '../spaces/index.ts'
import { openTwins, readText, type TestReplica, text } from '../spaces/replicas.fixture.ts'
import { copyOf, openOn } from './disk.fixture.ts'
import { Link, until } from './link.fixture.ts'

describe('a disk that was set back', () => {
  let ada: TestReplica
  let bea: TestReplica
  let id: Uint8Array
  let link: Link
  let isFull: boolean
  let looks: number
  let forks: unknown[]

  const tableOf = ({ spaces }: TestReplica) => keyValue(spaces.get(id)!, 'default')
  const watch = (spaces: Spaces) => spaces.on('fork', fork => void forks.push(fork))
  const keysOf = async (replica: TestReplica) => {
    const keys: string[] = []
    for await (const { key } of tableOf(replica).list()) keys.push(key)
    return keys
  }
  const seqOf = (of: TestReplica, by = of) =>
    of.spaces.replica
      .space(id)!
      .frontier()
      .find(([twin]) => twin.every((byte, i) => byte === by.twin[i]))?.[2]

  beforeEach(async () => {
    isFull = false
    looks = 0
    const hasRoom = async () => ++looks > 0 && !isFull
    const init = { asksFirst: true, crypto: nodeCrypto(), hasRoom }
    ;[ada, bea] = (await openTwins(2, init)) as [TestReplica, TestReplica]
    forks = []
    watch(ada.spaces)
    watch(bea.spaces)
    const space = await ada.spaces.create({ kind: 'shared', name: 'shared', members: [bea.twin] })
    id = space.id
    link = new Link(ada.spaces.replica, bea.spaces.replica).start()
    await until(() => bea.spaces.get(id)?.state === 'open')
    await tableOf(ada).put('before', text('1'))
    await until(() => seqOf(bea, ada) === 1)
  })

  afterEach(async () => {
    link.cut()
    await ada.spaces.stop()
    await bea.spaces.stop()
  })

  /** Ada writes `count` values, all of which Bea has, then her disk is as it was before them. */
  async function setBack(count: number): Promise<void> {
    const old = await copyOf(ada.db)
    for (let n = 0; n < count; n++) await tableOf(ada).put(`lost ${n}`, text(`${n}`))
    await until(() => seqOf(bea, ada) === count + 1)
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(old, ada)
    watch(ada.spaces)
  }

  const meet = () => {
    link = new Link(ada.spaces.replica, bea.spaces.replica).start()
  }
  /** Both have all that either wrote, and Ada has shown hers. */
  const converged = async (seq: number) => {
    await until(() => seqOf(ada) === seq && seqOf(bea, ada) === seq)
    expect(await keysOf(ada)).deep.equal(await keysOf(bea))
    expect(forks).deep.equal([])
  }

  it('what was lost comes back from a peer, and the log goes on from there', async () => {
    await setBack(100)
    expect(await keysOf(ada)).deep.equal(['before'])
    const restored = new Promise<SpacesEvents['restored']>(resolve => ada.spaces.on('restored', resolve))
    meet()
    expect(await restored).include({ returned: 100, resubmitted: 0 })
    expect(await keysOf(ada)).length(101)
    await tableOf(ada).put('after', text('x'))
    await converged(102)
    expect(readText((await tableOf(bea).get('after'))?.value)).equal('x')
  })

  it('what was written before anybody was asked is written again behind it: no fork, nothing lost', async () => {
    await setBack(100)
    for (let n = 0; n < 10; n++) await tableOf(ada).put(`offline ${n}`, text(`${n}`))
    await tableOf(ada).put('offline 0', text('changed'))
    await tableOf(ada).delete('offline 1')
    await tableOf(ada).put('lost 3', text('mine'))
    const restored = new Promise<SpacesEvents['restored']>(resolve => ada.spaces.on('restored', resolve))
    meet()
    expect(await restored).include({ returned: 100, resubmitted: 13 })
    await until(() => seqOf(bea, ada)! > 101)
    await converged(seqOf(ada)!)
    for (const replica of [ada, bea]) {
      const keys = await keysOf(replica)
      expect(keys).length(110)
      expect(keys).not.include('offline 1')
      expect(readText((await tableOf(replica).get('offline 0'))?.value)).equal('changed')
      expect(readText((await tableOf(replica).get('lost 3'))?.value)).equal('mine')
      expect(readText((await tableOf(replica).get('lost 99'))?.value)).equal('99')
    }
  })

  for (const write of [1, 2, 3, 4]) {
    it(`is set right though write ${write} fails as that begins`, async () => {
      await setBack(5)
      for (let n = 0; n < 3; n++) await tableOf(ada).put(`offline ${n}`, text('x'))
      failNextWrite(ada.db, write)
      const fenced = new Promise(resolve => ada.spaces.on('fence', resolve))
      meet()
      await fenced
      await until(() => seqOf(bea, ada)! > 6)
      await until(() => seqOf(bea, ada) === seqOf(ada))
      await converged(seqOf(ada)!)
      expect(await keysOf(ada)).length(9)
    })
  }

  for (const moment of ['read', 'written'] as const) {
    it(`is written again once though the disk fails while it is ${moment}`, async () => {
      await setBack(5)
      for (let n = 0; n < 3; n++) await tableOf(ada).put(`offline ${n}`, text('x'))
      const { db } = ada
      const { reached, release } = holdReading(db, 'a/')
      const restored = new Promise<SpacesEvents['restored']>(resolve => ada.spaces.on('restored', resolve))
      meet()
      await reached
      failNextWrite(db)
      if (moment === 'written') release()
      else {
        const close = db.close.bind(db)
        db.close = async () => {
          await close()
          release()
        }
        expect(
          await tableOf(ada)
            .put('refused', text('x'))
            .catch(({ code }) => code)
        ).equal('fenced')
      }
      expect(await restored).include({ returned: 5, resubmitted: 3 })
      await until(() => seqOf(bea, ada)! > 6)
      await converged(seqOf(ada)!)
      expect(await keysOf(ada)).length(9)
      expect(await db.keys({ gte: 'a/', lt: 'a0' }).all()).deep.equal([])
    })
  }

  it('waits for a full disk to have room, and is written again then', async () => {
    await setBack(5)
    for (let n = 0; n < 3; n++) await tableOf(ada).put(`offline ${n}`, text('x'))
    const { reached, release } = holdReading(ada.db, 'a/')
    const restored = new Promise<SpacesEvents['restored']>(resolve => ada.spaces.on('restored', resolve))
    meet()
    await reached
    failNextWrite(ada.db)
    isFull = true
    looks = 0
    release()
    await until(() => looks > 0)
    for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate)
    expect(looks).lessThan(5)
    isFull = false
    const write = () => tableOf(ada).put('room', text('x'))
    await write().catch(write)
    expect(await restored).include({ returned: 5, resubmitted: 3 })
    await until(() => seqOf(bea, ada) === seqOf(ada))
    await converged(seqOf(ada)!)
    expect(await keysOf(ada)).length(10)
  })

  it('holds when the device is started again between writing and meeting anybody', async () => {
    await setBack(20)
    await tableOf(ada).put('offline', text('x'))
    await ada.spaces.stop()
    ada = await openOn(ada.db, ada)
    watch(ada.spaces)
    await tableOf(ada).put('offline too', text('y'))
    meet()
    await until(() => seqOf(bea, ada) === 23)
    await converged(23)
    expect(await keysOf(ada)).include.members(['before', 'lost 19', 'offline', 'offline too'])
    // And what was set aside is not written a third time
    await ada.spaces.stop()
    ada = await openOn(ada.db, ada)
    meet()
    await tableOf(ada).put('more', text('z'))
    await converged(24)
    expect(await ada.db.keys({ gte: 'a/', lt: 'a0' }).all()).deep.equal([])
  })

  it('a device that was not set back shows what it wrote offline once a peer has answered', async () => {
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(ada.db, ada)
    const known = seqOf(ada)!
    await tableOf(ada).put('offline', text('x'))
    expect(seqOf(ada)).equal(known)
    meet()
    await converged(known + 1)
    expect(readText((await tableOf(bea).get('offline'))?.value)).equal('x')
  })

  it('a peer that claims what it cannot show holds nothing up', async () => {
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(ada.db, ada)
    await tableOf(ada).put('offline', text('x'))
    const seq = seqOf(ada)!
    ada.spaces.replica.heard!(id, bea.spaces.replica.self, 1_000_000)
    expect(seqOf(ada)).equal(seq)
    ada.spaces.replica.heard!(id, bea.spaces.replica.self, 'done')
    expect(seqOf(ada)).equal(seq + 1)
  })

  it('what others wrote on top of what was lost comes with it', async () => {
    const old = await copyOf(ada.db)
    for (let n = 0; n < 5; n++) await tableOf(ada).put(`lost ${n}`, text(`${n}`))
    await until(() => seqOf(bea, ada) === 6)
    await tableOf(bea).put('answer', text('on top'))
    await until(() => seqOf(ada, bea) === 1)
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(old, ada)
    watch(ada.spaces)
    for (let n = 0; n < 2; n++) await tableOf(ada).put(`offline ${n}`, text('x'))
    meet()
    await until(() => seqOf(bea, ada)! > 6 && seqOf(ada, bea) === 1)
    await converged(seqOf(ada)!)
    expect(await keysOf(ada)).length(9)
  })

  it('holds when the peer was started again too, and neither was asked yet', async () => {
    await setBack(5)
    await tableOf(ada).put('offline', text('x'))
    await bea.spaces.stop()
    bea = await openOn(bea.db, bea)
    watch(bea.spaces)
    meet()
    await until(() => seqOf(bea, ada) === 7)
    await converged(7)
    expect(await keysOf(ada)).include('offline')
  })

  it('holds when snapshots of the documents had been written before', async () => {
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(ada.db, ada)
    meet()
    await setBack(5)
    await tableOf(ada).put('before', text('changed offline'))
    meet()
    await until(() => seqOf(bea, ada) === 7)
    await converged(7)
    expect(readText((await tableOf(bea).get('before'))?.value)).equal('changed offline')
  })

  it('text that was typed into the middle meanwhile stands where it was typed', async () => {
    const type = (replica: TestReplica, at: number, added: string, removed = 0) =>
      replica.spaces.get(id)!.write('text', doc => {
        doc.getText('text').delete(at, removed)
        doc.getText('text').insert(at, added)
      })
    const read = async (replica: TestReplica) => (await replica.spaces.get(id)!.doc('text')).getText('text').toString()
    await type(ada, 0, 'one three')
    const old = await copyOf(ada.db)
    await type(ada, 9, ' four')
    await until(() => seqOf(bea, ada) === 3)
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(old, ada)
    watch(ada.spaces)
    await type(ada, 4, 'too ')
    await type(ada, 5, 'w', 1)
    expect(await read(ada)).equal('one two three')
    const restored = new Promise<SpacesEvents['restored']>(resolve => ada.spaces.on('restored', resolve))
    meet()
    expect((await restored).returned).equal(1)
    await converged(seqOf(ada)!)
    expect(await read(ada)).equal('one two three four')
    expect(await read(bea)).equal('one two three four')
  })

  it('the index says the same as the log after entries were set aside', async () => {
    await setBack(5)
    await tableOf(ada).put('before', text('changed offline'))
    await tableOf(ada).delete('before')
    meet()
    await until(() => seqOf(bea, ada)! > 6)
    await converged(seqOf(ada)!)
    expect(await keysOf(ada)).not.include('before')
    await ada.spaces.stop()
    ada = await openOn(ada.db, ada)
    expect(await keysOf(ada)).deep.equal(await keysOf(bea))
  })
})
