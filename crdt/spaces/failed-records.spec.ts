import { expect } from 'chai'
import { bytesToHex } from '../log/index.ts'
import { copyOf } from './database.fixture.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { exchange, newTwin, openTwins, sharedSpace } from './replicas.fixture.ts'

describe('what a failed write leaves of the records of a space', () => {
  it('a conversation whose making was refused is there when it is made again, whatever is made beside it', async () => {
    const { db, failAt } = failingDatabase()
    let [one, other] = await Promise.all([newTwin({ db }), newTwin({ db })])
    // The lower one begins a conversation
    if (bytesToHex(one.twin) > bytesToHex(other.twin)) [one, other] = [other, one]
    await one.init.directory.receive(other.twin, other.records)
    const spaces = await createSpaces(one.init)
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    failAt(1)
    expect(await spaces.direct(other.twin).catch(error => error.name)).to.equal('StoreError')
    db.open = open
    failAt(Number.POSITIVE_INFINITY)
    await spaces.self.flush().catch(() => {})
    // What is made beside it finds slowly what was left on the disk
    const slow = Promise.withResolvers<void>()
    const keys = db.keys.bind(db) as typeof db.keys
    db.keys = ((options: object) => {
      db.keys = keys
      const found = keys(options)
      return (async function* () {
        await slow.promise
        yield* found
      })()
    }) as unknown as typeof db.keys
    const beside = spaces.create({ kind: 'shared', name: 's', members: [] })
    const direct = spaces.direct(other.twin)
    for (let turn = 0; turn < 5000; turn++) await Promise.race([direct, new Promise(setImmediate)])
    slow.resolve()
    const made = await Promise.all([direct, beside])
    const again = await createSpaces(one.init)
    expect(again.list().map(({ text }) => text)).to.include.members(made.map(space => space!.text))
  })

  it('a decision of others that was not stored is stored with what is written under it', async () => {
    const [ann, cleo] = await openTwins(2)
    const { db, failAt } = failingDatabase()
    const made = await newTwin({ db })
    const ben = { ...made, spaces: await createSpaces(made.init) }
    const all = [ann!, ben, cleo!]
    for (const one of all) {
      for (const other of all) if (one !== other) await one.init.directory.receive(other.twin, other.records)
    }
    const [space, theirs] = await sharedSpace([ann!, ben])
    await ann!.spaces.addMember(space!, cleo!.twin)
    failAt(1)
    await exchange(ann!, ben).catch(() => {})
    failAt(Number.POSITIVE_INFINITY)
    const write = async (to: typeof theirs, text: string) =>
      to!.write('text/paper', doc => doc.getText('text').insert(0, text))
    await write(theirs, 'a').catch(() => write(theirs, 'a'))
    // A power cut
    const cut = { ...made, init: { ...made.init, db: await copyOf(db) } }
    const again = { ...cut, spaces: await createSpaces(cut.init) }
    const back = again.spaces.get(space!.id)
    expect(back!.members()).to.have.length(3)
    await write(back, 'b')
    await exchange(ann!, again)
    await exchange(ann!, cleo!)
    for (const { spaces } of [ann!, cleo!]) {
      expect((await spaces.get(space!.id)!.doc('text/paper')).getText('text').toString()).to.equal('ba')
    }
  })
})
