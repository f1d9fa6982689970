import { expect } from 'chai'
import * as Y from 'yjs'
import { Link, until } from '../sync/link.fixture.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { Editor, liveKinds, same, sheet } from './live.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { tell } from './paper.fixture.ts'
import { exchange, give, newTwin, openTwins, reopen, sharedSpace, type TestReplica } from './replicas.fixture.ts'
import type { Space } from './space.ts'

const textIn = (space: Space) => space.read(sheet, doc => doc.getText('t').toString())

async function opened(space: Space): Promise<Editor> {
  return new Editor(await space.edit(sheet))
}

describe('a text in an editor', function () {
  this.timeout(60_000)

  it('is stored as it is typed and shows what others type, in one and the same text', async () => {
    const twins = (await openTwins(2, liveKinds)) as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space]
    const link = new Link(twins[0].spaces.replica, twins[1].spaces.replica).start()
    const [one, other] = [await opened(here), await opened(there)]
    const { text } = other.live
    one.add('hello')
    await same(one, other)
    other.add(' world')
    one.type(0, 'J', 1)
    expect(await same(one, other)).to.equal('Jello world')
    expect(other.live.text).to.equal(text)
    await Promise.all([one.live.saved(), other.live.saved()])
    link.cut()
    expect(link.errors()).to.deep.equal([])
    expect(await textIn((await reopen(twins[1])).spaces.get(there.id)!)).to.equal('Jello world')
  })

  it('makes few entries of an import that goes on for many turns, with all of it also when the twin stops at once', async () => {
    const twin = await newTwin({ ...liveKinds, defer: run => void setImmediate(run) })
    const spaces = await createSpaces(twin.init)
    const editor = await opened(spaces.self)
    for (let turn = 0; turn < 12; turn++) {
      for (let letter = 0; letter < 80; letter++) editor.add('a')
      await new Promise(setImmediate)
    }
    const again = (await reopen({ ...twin, spaces })).spaces
    expect(again.replica.space(again.self.id)!.frontier()[0]![2]).to.be.at.most(4)
    expect(await textIn(again.self)).to.equal('a'.repeat(960))
  })

  it('makes one entry of a tick, and undoes only what was typed here', async () => {
    const twins = (await openTwins(2, liveKinds)) as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space]
    const [one, other] = [await opened(here), await opened(there)]
    const undo = new Y.UndoManager(one.live.text, { trackedOrigins: new Set([one]), captureTimeout: 0 })
    for (const letter of 'abc') one.add(letter)
    await one.live.saved()
    expect(twins[0].spaces.replica.space(here.id)!.frontier()[0]![2]).to.equal(1)
    await exchange(...twins)
    other.add('!')
    await other.live.saved()
    await exchange(...twins)
    undo.undo()
    await one.live.saved()
    await exchange(...twins)
    expect(await same(one, other)).to.equal('ab!')
    undo.redo()
    await one.live.saved()
    await exchange(...twins)
    expect(await same(one, other)).to.equal('abc!')
    expect(twins[1].spaces.get(here.id)!.review().logs).to.deep.equal([])
  })

  it('that is written while what others wrote is shown is stored too', async () => {
    const twins = (await openTwins(2, liveKinds)) as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space]
    const [one, other] = [await opened(here), await opened(there)]
    other.live.text.observe((_, { local }) => {
      if (!local) other.live.text.insert(0, '>')
    })
    one.add('a')
    await one.live.saved()
    await exchange(...twins)
    await other.live.saved()
    await exchange(...twins)
    expect(one.live.text.toString()).to.equal('>a')
    expect(await textIn((await reopen(twins[1])).spaces.get(there.id)!)).to.equal('>a')
  })

  for (const lasts of [false, true]) {
    it(`loses no keystroke and doubles none when ${lasts ? 'all writes fail for a while' : 'a write fails'}`, async () => {
      const { db, failAt } = failingDatabase()
      const twin = await newTwin({ ...liveKinds, db })
      const spaces = await createSpaces(twin.init)
      const editor = await opened(spaces.self)
      editor.add('one ')
      await editor.live.saved()
      failAt(1, lasts)
      editor.add('two ')
      const states: string[] = []
      editor.live.on('state', ({ state }) => states.push(state))
      if (lasts) await until(() => states.includes('unsaved'))
      else await until(() => editor.replaced > 0)
      editor.add('three ')
      failAt(Number.POSITIVE_INFINITY)
      await editor.live.saved()
      expect(editor.live.text.toString()).to.equal('one two three ')
      expect(editor.shown).to.equal('one two three ')
      editor.add('four')
      await editor.live.saved()
      await spaces.stop()
      await db.open()
      expect(await textIn((await createSpaces(twin.init)).self)).to.equal('one two three four')
    })
  }

  it('doubles nothing when a write that was reported as failed is on the disk', async () => {
    const twin = await newTwin(liveKinds)
    const spaces = await createSpaces(twin.init)
    const editor = await opened(spaces.self)
    const open = twin.db.batch.bind(twin.db) as () => ReturnType<typeof twin.db.batch>
    let isLying = true
    twin.db.batch = (() => {
      const chain = open() as unknown as { write(options?: object): Promise<void> }
      const write = chain.write.bind(chain)
      chain.write = async options => {
        await write(options)
        if (!isLying) return
        isLying = false
        throw new Error('IO error: input/output error')
      }
      return chain
    }) as unknown as typeof twin.db.batch
    editor.add('once')
    await until(() => editor.replaced > 0)
    editor.add(' only')
    await editor.live.saved()
    expect(await textIn(spaces.self)).to.equal('once only')
    expect(editor.shown).to.equal('once only')
  })

  it('is handed over when a removal takes entries out, with what was typed on them', async () => {
    const all = (await openTwins(3, liveKinds)) as [TestReplica, TestReplica, TestReplica]
    const [keeper, leaver, friend] = all
    const [here, theirs, there] = (await sharedSpace(all)) as [Space, Space, Space]
    const editor = await opened(there)
    editor.add('kept ')
    await editor.live.saved()
    await exchange(...all)
    const late = await opened(theirs)
    late.add('late ')
    await late.live.saved()
    await give(leaver, friend)
    editor.add('mine ')
    await editor.live.saved()
    expect(editor.shown).to.equal('kept late mine ')
    await keeper.spaces.removeMember(here, leaver.twin)
    await tell(keeper, friend)
    await give(keeper, friend)
    await until(() => editor.replaced > 0)
    await exchange(keeper, friend)
    await there.flush()
    expect(editor.shown).to.equal('kept mine ')
    editor.add('more')
    await editor.live.saved()
    expect(editor.shown).to.equal('kept mine more')
    await exchange(keeper, friend)
    expect(await textIn(here)).to.equal('kept mine more')
  })

  it('takes back what is too long or no plain text, says why, and keeps what stood there', async () => {
    const twins = (await openTwins(2, liveKinds)) as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space]
    const editor = await opened(here)
    editor.add('a selection')
    editor.type(2, 'x'.repeat(2000), 9)
    await until(() => editor.refusals.length > 0)
    editor.live.text.insert(0, 'bold', { bold: true })
    await until(() => editor.refusals.length > 1)
    editor.add('!')
    await editor.live.saved()
    expect(editor.refusals).to.deep.equal(['Too long', 'No formats'])
    expect(editor.live.text.toString()).to.equal('a selection!')
    expect(editor.shown).to.equal('a selection!')
    await exchange(...twins)
    expect(await textIn(there)).to.equal('a selection!')
    expect(there.review().logs).to.deep.equal([])
  })

  it('gives whoever may only read their text back, and the reason', async () => {
    const twins = (await openTwins(2, liveKinds)) as [TestReplica, TestReplica]
    const members = [{ twin: twins[1].twin, role: 'reader' as const }]
    const space = await twins[0].spaces.create({ kind: 'shared', name: 'x', members })
    await space.write(sheet, doc => doc.getText('t').insert(0, 'theirs'))
    await exchange(...twins)
    const editor = await opened(twins[1].spaces.get(space.id)!)
    expect(editor.live.isWritable).to.equal(false)
    editor.add(' mine')
    await until(() => editor.replaced > 0)
    expect(editor.refusals).to.deep.equal(['Only its writer may change this document'])
    expect(editor.shown).to.equal('theirs')
    expect(editor.live.state).to.equal('saved')
  })

  it('stays in memory while it is open, however little there is, and not longer', async () => {
    const twin = await newTwin({ ...liveKinds, maxOpenBytes: 1000 })
    const { self } = await createSpaces(twin.init)
    const editor = await opened(self)
    const { text } = editor.live
    editor.add('first')
    const fill = async () => {
      for (let n = 0; n < 200; n++) await self.write(`sheet/${n}`, doc => doc.getText('t').insert(0, 'x'.repeat(900)))
    }
    await fill()
    editor.add(' last')
    await editor.live.saved()
    expect((await self.edit(sheet)).text).to.equal(text)
    editor.live.close()
    ;(await self.edit(sheet)).close()
    await fill()
    const again = await self.edit(sheet)
    again.close()
    expect(await textIn(self)).to.equal('first last')
  })
})
