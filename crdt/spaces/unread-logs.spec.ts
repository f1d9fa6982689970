import { expect } from 'chai'
import { holdReading } from './database.fixture.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { read, spaceOf, tell, type } from './paper.fixture.ts'
import { addDevice, exchange, newTwin, openTwins, sharedSpace, type TestReplica } from './replicas.fixture.ts'
import type { Space } from './space.ts'

describe('logs that are not read after a failed write', () => {
  let { db, failAt } = failingDatabase()
  let isFull = false
  const open = { works: () => {} }
  let keeper: TestReplica
  let friend: TestReplica
  let leaver: TestReplica
  let space: Space

  beforeEach(async () => {
    ;({ db, failAt } = failingDatabase())
    ;[friend, leaver] = (await openTwins(2)) as [TestReplica, TestReplica]
    isFull = false
    const made = await newTwin({ db, hasRoom: async () => !isFull })
    keeper = { ...made, spaces: await createSpaces(made.init) }
    await keeper.spaces.start()
    for (const one of [friend, leaver]) {
      await one.init.directory.receive(keeper.twin, keeper.records)
      await keeper.init.directory.receive(one.twin, one.records)
    }
    space = (await sharedSpace([keeper, friend, leaver]))[0]!
  })

  /** A write fails and the store does not open. */
  async function close(): Promise<void> {
    const opening = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    open.works = () => {
      db.open = opening
    }
    failAt(1)
    expect(await type(space, 'x').catch(({ code }) => code)).equal('fenced')
    await space.flush()
  }

  const texts = async () => {
    await exchange(keeper, friend)
    return Promise.all([keeper, friend].map(replica => read(spaceOf(replica, space))))
  }

  for (const [name, remove] of [
    ['a removal', () => keeper.spaces.removeMember(space, leaver.twin)],
    ['a lower role', () => keeper.spaces.addMember(space, leaver.twin, 'reader')]
  ] as const) {
    it(`are read before ${name} says where they end`, async () => {
      await type(spaceOf(leaver, space), 'kept')
      await exchange(keeper, friend, leaver)
      await close()
      open.works()
      await remove()
      expect(await texts()).deep.equal(['kept', 'kept'])
    })
  }

  it('nobody is removed while the store does not open, and everybody is once it does', async () => {
    await type(spaceOf(leaver, space), 'kept')
    await exchange(keeper, friend, leaver)
    await close()
    const refusal = await keeper.spaces.removeMember(space, leaver.twin).catch(({ name, code }) => [name, code])
    expect(refusal).deep.equal(['SpaceError', 'fenced'])
    open.works()
    await keeper.spaces.removeMember(space, leaver.twin)
    expect(await texts()).deep.equal(['kept', 'kept'])
    expect(space.members()).length(2)
  })

  it('are read before a revocation says where the device ends', async () => {
    const phone = await addDevice(keeper, 2, [keeper, friend])
    await exchange(keeper, phone)
    await type(spaceOf(phone, space), 'kept')
    await exchange(keeper, friend, phone)
    await close()
    open.works()
    const { reached, release } = holdReading(db, `h/${space.text}/`)
    const failed = keeper.spaces.self.write('text/paper', () => {}).catch(() => {})
    await reached
    const revoked = keeper.spaces.revokeDevice(2)
    await new Promise(setImmediate)
    release()
    expect(await revoked).equal('recorded')
    await failed
    await tell(keeper, friend)
    expect(await texts()).deep.equal(['kept', 'kept'])
  })

  it('are not cut by a revocation while the store takes no writes, though they can be read', async () => {
    await addDevice(keeper, 2, [keeper, friend])
    isFull = true
    failAt(1, true)
    expect(await type(space, 'x').catch(({ code }) => code)).equal('fenced')
    const refusal = await keeper.spaces.revokeDevice(2).catch(({ name, code }) => [name, code])
    expect(refusal).deep.equal(['SpaceError', 'fenced'])
    failAt(Number.POSITIVE_INFINITY)
    isFull = false
    // The one that finds the room may still be refused
    const revoke = () => keeper.spaces.revokeDevice(2)
    expect(await revoke().catch(revoke)).equal('recorded')
  })
})
