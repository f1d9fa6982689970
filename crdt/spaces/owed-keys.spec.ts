import { expect } from 'chai'
import { decodeWrap } from '../membership/index.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { keyName, keysDocument } from './keys-kind.ts'
import type { LocalSpace } from './local-space.ts'
import { createSpaces } from './local-spaces.ts'
import { addDevice, exchange, newTwin, openTwins, sharedSpace, type TestReplica } from './replicas.fixture.ts'

describe('keys after a failed write', () => {
  let { db, failAt } = failingDatabase()
  let home: TestReplica

  const epochs = () => home.spaces.list().map(space => (space as LocalSpace).context.membership.view!.epochs.length)
  const type = () => home.spaces.self.write('text/paper', doc => doc.getText('text').insert(0, 'x'))
  const turns = async () => {
    // Keys are wrapped in other threads
    for (let turn = 0; turn < 200; turn++) {
      await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(1))
      await new Promise(setImmediate)
    }
  }

  beforeEach(async () => {
    ;({ db, failAt } = failingDatabase())
    const made = await newTwin({ db })
    home = { ...made, spaces: await createSpaces(made.init) }
    await home.spaces.start()
    for (const name of ['one', 'two']) await home.spaces.create({ kind: 'shared', name, members: [] })
  })

  describe('that a revoked device has', () => {
    beforeEach(async () => {
      await exchange(home, await addDevice(home, 2, [home]))
      expect(epochs()).deep.equal([1, 1, 1])
    })

    for (const write of [1, 2, 3, 4]) {
      it(`are replaced in all spaces, though write ${write} fails`, async () => {
        failAt(write)
        expect(await home.spaces.revokeDevice(2)).equal('recorded')
        expect(epochs()).deep.equal([2, 2, 2])
      })
    }

    it('are replaced in all spaces once the disk takes writes again', async () => {
      failAt(1, true)
      expect(await home.spaces.revokeDevice(2)).equal('recorded')
      expect(epochs()).deep.equal([1, 1, 1])
      failAt(Number.POSITIVE_INFINITY)
      await type().catch(type)
      await turns()
      expect(epochs()).deep.equal([2, 2, 2])
    })
  })

  for (const write of [1, 2, 3]) {
    it(`go to a new device in all spaces, though write ${write} fails`, async () => {
      failAt(write)
      await addDevice(home, 2, [home])
      await turns()
      const wraps = home.spaces.list().map(({ id }) => home.spaces.replica.records(id, undefined, home.twin).wraps)
      const isOfDevice = (wrap: Uint8Array) => decodeWrap(wrap).device === 2
      expect(wraps.map(of => of.filter(isOfDevice).length)).deep.equal([1, 1, 1])
    })
  }

  it('are here and in the private space, whichever write of a removal fails', async () => {
    const [friend] = (await openTwins(1)) as [TestReplica]
    await home.init.directory.receive(friend.twin, friend.records)
    await friend.init.directory.receive(home.twin, home.records)
    const kept: unknown[] = []
    for (let write = 1; write <= 6; write++) {
      const [space] = await sharedSpace([home, friend])
      failAt(write)
      const remove = () => home.spaces.removeMember(space!, friend.twin)
      // What was decided and not written down goes with what is decided next
      await remove().catch(() => home.spaces.rename(space!, 'n'))
      if (space!.members().length > 1) await remove()
      failAt(Number.POSITIVE_INFINITY)
      await type().catch(type)
      await turns()
      const { length } = (space as LocalSpace).context.membership.view!.epochs
      const key = await home.spaces.self.index(keysDocument).get(keyName(space!.text, length))
      kept.push([write, length, space!.hasKey, key !== undefined])
    }
    expect(kept).deep.equal([1, 2, 3, 4, 5, 6].map(write => [write, 2, true, true]))
  })
})
