import { expect } from 'chai'
import { copyOf, holdWriting } from './database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { exchange, openTwins, sharedSpace, type TestReplica } from './replicas.fixture.ts'

describe('the key that comes with a membership record', () => {
  it('is used while both are being stored, and what is written with it is on the disk with neither missing', async () => {
    const twins = await openTwins(3)
    const [keeper, friend, leaver] = twins as [TestReplica, TestReplica, TestReplica]
    const [space, theirs] = await sharedSpace(twins)
    await exchange(...twins)
    await keeper.spaces.removeMember(space!, leaver.twin)
    const { replica } = keeper.spaces
    const { records, wraps } = replica.records(space!.id, undefined, friend.twin)

    const release = holdWriting(friend.db, `ml/${theirs!.text}/`)
    const received = friend.spaces.replica.receiveRecords(space!.id, records, wraps, replica.self)
    // Records are verified and keys unwrapped in other threads
    for (let turn = 0; turn < 200; turn++) {
      await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(1))
      await new Promise(setImmediate)
    }
    expect([theirs!.members().length, theirs!.hasKey]).deep.equal([2, true])
    const written = theirs!.write('text/paper', doc => doc.getText('text').insert(0, 'soon'))
    release()
    expect((await received).changed).equal(true)
    await written

    const again = await createSpaces({ ...friend.init, db: await copyOf(friend.db) })
    const stored = again.get(space!.id)!
    expect([stored.members().length, stored.hasKey]).deep.equal([2, true])
    expect((await stored.doc('text/paper')).getText('text').toString()).equal('soon')
  })
})
