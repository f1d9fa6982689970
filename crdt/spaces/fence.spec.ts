import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import {
  exchange,
  indexRows,
  newTwin,
  openTwins,
  readText,
  sharedSpace,
  type TestReplica,
  text
} from './replicas.fixture.ts'
import { slowDatabase } from './slow-database.fixture.ts'

describe('a store whose disk fails', function () {
  this.timeout(60_000)

  for (const lasts of [false, true]) {
    it(`loses nothing that was acknowledged, whichever write fails${lasts ? ' and all after it' : ''}`, async () => {
      const { db, failAt } = failingDatabase()
      const twin = await newTwin({ db })
      let spaces = await createSpaces(twin.init)
      const acknowledged = new Map<string, string>()
      let failures = 0
      for (let at = 1; at <= 6; at++) {
        const table = keyValue(spaces.self, 'n')
        failAt(at, lasts)
        for (let group = 0; group < 6; group++) {
          await Promise.all(
            Array.from({ length: 5 }, async (_, index) => {
              const [key, value] = [`k${index}`, `${at}.${group}.${index}`]
              try {
                await table.put(key, text(value))
                acknowledged.set(key, value)
              } catch (error) {
                failures++
                expect((error as { code: string }).code).to.equal('fenced')
                expect((error as Error).message).to.match(/disk is full/)
              }
            })
          )
        }
        failAt(Number.POSITIVE_INFINITY)
        // Whoever was refused tries again
        await table.put('last', text(String(at))).catch(() => table.put('last', text(String(at))))
        acknowledged.set('last', String(at))
        for (const [key, value] of acknowledged) expect(readText((await table.get(key))?.value)).to.equal(value)
        const rows = await indexRows(db)
        spaces = await createSpaces(twin.init)
        const again = keyValue(spaces.self, 'n')
        await again.put('more', text(String(at)))
        acknowledged.set('more', String(at))
        rows.delete(`i/${spaces.self.text}/kv/n/more`)
        const after = await indexRows(db)
        after.delete(`i/${spaces.self.text}/kv/n/more`)
        expect(after).to.deep.equal(rows)
      }
      expect(failures).to.be.greaterThan(0)
    })
  }

  for (const isWritten of [false, true]) {
    it(`decides again about members, though a record ${isWritten ? 'was written without an answer' : 'was not written'}`, async () => {
      const [other, third] = (await openTwins(2)) as [TestReplica, TestReplica]
      const { db, failAt } = failingDatabase(isWritten)
      const made = await newTwin({ db })
      const keeper = { ...made, spaces: await createSpaces(made.init) }
      for (const { init } of [other, third]) await init.directory.receive(keeper.twin, keeper.records)
      for (const { twin, records } of [other, third]) await keeper.init.directory.receive(twin, records)
      const [space] = await sharedSpace([keeper, other])
      for (const change of [
        () => keeper.spaces.rename(space!, 'Garden'),
        () => keeper.spaces.addMember(space!, third.twin),
        () => keeper.spaces.removeMember(space!, other.twin)
      ]) {
        failAt(1)
        expect(await change().then(String, error => error.message)).to.equal('The record could not be written down')
        // By then it counts: to remove somebody twice is refused
        await change().catch(error => expect(error.message).to.match(/no member/))
      }
      const members = () => space!.members().map(({ twin }) => twin)
      expect([space!.name, members()]).to.deep.equal(['Garden', [keeper.twin, third.twin]])
      await space!.write('text/paper', doc => doc.getText('text').insert(0, 'a'))
      await exchange(keeper, third)
      const theirs = third.spaces.get(space!.id)!
      expect(theirs.members().map(({ twin }) => twin)).to.deep.equal(members())
      expect((await theirs.doc('text/paper')).getText('text').toString()).to.equal('a')
      await keeper.spaces.stop()
      const again = await createSpaces(made.init)
      expect(again.get(space!.id)!.members()).to.deep.equal(space!.members())
    })
  }

  it('takes later what it could not take from another replica, each entry once', async () => {
    const twins = await openTwins(2)
    const { db, failAt } = failingDatabase()
    const failing = await newTwin({ db })
    const spaces = await createSpaces(failing.init)
    const third = { ...failing, spaces }
    await third.init.directory.receive(twins[0]!.twin, twins[0]!.records)
    await third.init.directory.receive(twins[1]!.twin, twins[1]!.records)
    for (const { init } of twins) await init.directory.receive(third.twin, third.records)
    const [one, , theirs] = await sharedSpace([...twins, third])
    for (let write = 1; write <= 4; write++) {
      const table = keyValue(one!, 'n')
      for (let index = 0; index < 3; index++) await table.put(`k${index}`, text(`${write}.${index}`))
      failAt(write)
      await exchange(twins[0]!, third).catch(() => {})
      failAt(Number.POSITIVE_INFINITY)
      await exchange(twins[0]!, third)
      for (let index = 0; index < 3; index++) {
        const entry = await keyValue(theirs!, 'n').get(`k${index}`)
        expect(readText(entry?.value)).to.equal(`${write}.${index}`)
      }
    }
  })

  it('reads on while there is no room, refuses each write, also one that comes while that is found out, and recovers', async () => {
    const { db, failAt } = failingDatabase()
    let isFull = true
    const twin = await newTwin({ db, hasRoom: async () => !isFull })
    const { self } = await createSpaces(twin.init)
    const table = keyValue(self, 'n')
    await table.put('k', text('kept'))
    const codes: Promise<unknown>[] = []
    const edit = () =>
      self
        .write('text/paper', doc => doc.getText('text').insert(0, 'x'))
        .then(
          () => 'written',
          error => error.code
        )
    const stop = self.on('fence', () => {
      if (codes.length < 3) codes.push(edit())
    })
    failAt(1, true)
    expect(await edit()).to.equal('fenced')
    await self.flush()
    expect(codes).to.not.have.length(0)
    expect(new Set(await Promise.all(codes))).to.deep.equal(new Set(['fenced']))
    expect(db.status).to.equal('open')
    expect(readText((await table.get('k'))?.value)).to.equal('kept')
    stop()
    failAt(Number.POSITIVE_INFINITY)
    isFull = false
    // The write that finds the room may still be refused
    await table.put('after', text('room')).catch(() => table.put('after', text('room')))
    expect(readText((await table.get('after'))?.value)).to.equal('room')
  })

  it('shows after a failed write and an orderly stop what was written before', async () => {
    const { db, failAt } = failingDatabase()
    const twin = await newTwin({ db })
    const spaces = await createSpaces(twin.init)
    await spaces.self.write('text/paper', doc => doc.getText('text').insert(0, 'kept'))
    failAt(1)
    const refused = await spaces.self
      .write('text/paper', doc => doc.getText('text').insert(0, 'b'))
      .catch(error => error.code)
    expect(refused).to.equal('fenced')
    await spaces.self.flush()
    await spaces.stop()
    const { self } = await createSpaces(twin.init)
    expect((await self.doc('text/paper')).getText('text').toString()).to.equal('kept')
  })

  it('still knows afterwards who has told that they hold what it wrote', async () => {
    const [other] = await openTwins(1)
    const { db, failAt } = failingDatabase()
    const failing = await newTwin({ db })
    const spaces = await createSpaces(failing.init)
    const author = { ...failing, spaces }
    await author.init.directory.receive(other!.twin, other!.records)
    await other!.init.directory.receive(author.twin, author.records)
    const [space] = await sharedSpace([author, other!])
    const { ref } = await space!.write('text/paper', doc => doc.getText('text').insert(0, 'a'))
    await exchange(author, other!)
    expect(space!.delivery(ref).state).to.equal('their-twin')
    failAt(1)
    const refused = await space!
      .write('text/paper', doc => doc.getText('text').insert(0, 'b'))
      .catch(error => error.code)
    expect(refused).to.equal('fenced')
    await space!.flush()
    await space!.write('text/paper', doc => doc.getText('text').insert(0, 'c'))
    expect(space!.delivery(ref).state).to.equal('their-twin')
  })

  it('refuses also what was being prepared on a document that was to be read again', async () => {
    const { db, hold, release } = slowDatabase()
    const { self } = await createSpaces((await newTwin({ db })).init)
    const reached = hold()
    const first = self.write('text/other', doc => doc.getText('text').insert(0, 'a'))
    const spoilt = self.write('text/paper', doc => {
      doc.getText('text').insert(0, 'x')
      throw new RangeError('no')
    })
    await spoilt.catch(() => {})
    await reached
    // Enough for the next group to be prepared while this one is being written
    const edits = Array.from({ length: 300 }, () => self.write('text/paper', doc => doc.getText('text').insert(0, 'b')))
    const all = Promise.all([first, ...edits].map(edit => edit.then(String, error => error.code)))
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    release(new Error('IO error: no space left on device'))
    await self.flush()
    const outcomes = await Promise.race([all, new Promise<string[]>(resolve => setImmediate(resolve, ['still waits']))])
    expect(new Set(outcomes)).to.deep.equal(new Set(['fenced']))
  })

  it('says so to whoever asks for a document while it does not open', async () => {
    const { db, failAt } = failingDatabase()
    const { self } = await createSpaces((await newTwin({ db })).init)
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    failAt(1)
    const refused = await self.write('text/paper', doc => doc.getText('text').insert(0, 'a')).catch(error => error.code)
    expect(refused).to.equal('fenced')
    await self.flush()
    const error = await self.doc('text/paper').catch(reason => reason)
    expect(error).to.include({ name: 'SpaceError', code: 'fenced' })
    db.open = open
    await self.write('text/paper', doc => doc.getText('text').insert(0, 'b')).catch(() => {})
    await self.flush()
    expect((await self.doc('text/paper')).getText('text').toString()).to.equal('')
  })

  it('tells those who hold a document that it is void', async () => {
    const { db, failAt } = failingDatabase()
    const twin = await newTwin({ db })
    const { self } = await createSpaces(twin.init)
    const doc = await self.doc('text/paper')
    const fenced = new Promise<void>(resolve => {
      self.on('fence', () => resolve())
    })
    failAt(1)
    doc.getText('text').insert(0, 'lost')
    await fenced
    const again = await self.doc('text/paper')
    expect(again).to.not.equal(doc)
    expect(again.getText('text').toString()).to.equal('')
  })
})

describe('an edit', () => {
  it('that throws is rejected alone', async () => {
    const { self } = await createSpaces((await newTwin()).init)
    const outcomes = await Promise.allSettled([
      self.write('text/paper', doc => doc.getText('text').insert(0, 'a')),
      self.write('text/paper', () => {
        throw new RangeError('no')
      }),
      self.write('text/paper', doc => doc.getText('text').insert(0, 'b'))
    ])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect((await self.doc('text/paper')).getText('text').toString()).to.equal('ba')
  })

  it('that throws half way leaves nothing behind', async () => {
    const { self } = await createSpaces((await newTwin()).init)
    const outcomes = await Promise.allSettled([
      self.write('text/paper', doc => doc.getText('text').insert(0, 'a')),
      self.write('text/paper', doc => {
        doc.getText('text').insert(0, 'x')
        throw new RangeError('no')
      }),
      self.write('text/paper', doc => doc.getText('text').insert(0, 'b'))
    ])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect((await self.doc('text/paper')).getText('text').toString()).to.equal('ba')
  })

  it('that is too large is refused with its reason', async () => {
    const { self } = await createSpaces((await newTwin()).init)
    const large = { text: 'x'.repeat(200_000) }
    const error = await self
      .write('text/paper', doc => doc.getText('text').insertEmbed(0, large))
      .catch(reason => reason)
    expect(error.code).to.equal('too-large')
    await self.write('text/paper', doc => doc.getText('text').insert(0, 'y'.repeat(300_000)))
    expect((await self.doc('text/paper')).getText('text').length).to.equal(300_000)
  })

  it('a space whose making was refused and is on the disk all the same is not there twice when it is made again', async () => {
    const { db, failAt } = failingDatabase(true)
    const twin = await newTwin({ db })
    const spaces = await createSpaces(twin.init)
    const make = () => spaces.create({ kind: 'shared', name: 's', members: [] })
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    failAt(1)
    expect(await make().catch(error => error.name)).to.equal('StoreError')
    db.open = open
    failAt(Number.POSITIVE_INFINITY)
    const made = await make().catch(make)
    const again = await createSpaces(twin.init)
    expect(again.list().map(({ text }) => text)).to.have.members([spaces.self.text, made.text])
  })

  it('a space that is made while another write fails is there, or was refused and is not', async () => {
    let failures = 0
    for (let at = 1; at <= 8; at++) {
      const { db, failAt } = failingDatabase()
      const twin = await newTwin({ db })
      const spaces = await createSpaces(twin.init)
      await spaces.start()
      failAt(at)
      const made = spaces.create({ kind: 'shared', name: 's', members: [] }).catch(() => undefined)
      const edits = Array.from({ length: 6 }, async (_, index) => {
        for (let turn = 0; turn < index; turn++) await Promise.resolve()
        await spaces.self.write('text/paper', doc => doc.getText('text').insert(0, 'x')).catch(() => failures++)
      })
      const space = await made
      await Promise.all(edits)
      failAt(Number.POSITIVE_INFINITY)
      await spaces.self.flush()
      expect(spaces.list().map(({ text }) => text)).to.have.length(space === undefined ? 1 : 2)
      if (space !== undefined) {
        const write = () => space.write('text/paper', doc => doc.getText('text').insert(0, 'y'))
        await write().catch(write)
      }
      const again = await createSpaces(twin.init)
      for (const { text } of spaces.list()) expect(again.list().map(other => other.text)).to.include(text)
    }
    expect(failures).to.be.greaterThan(0)
  })
})
