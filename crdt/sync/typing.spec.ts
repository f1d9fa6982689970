import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { failingDatabase } from '../spaces/failing-database.fixture.ts'
import { createSpaces } from '../spaces/index.ts'
import { Editor, liveKinds, onScreen, same, sheet } from '../spaces/live.fixture.ts'
import { readPresence, writePresence } from '../spaces/presence-update.ts'
import { memoryDatabase, newTwin, type TestReplica } from '../spaces/replicas.fixture.ts'
import { type SlowDatabase, slowDatabase } from '../spaces/slow-database.fixture.ts'
import type { Database } from '../store/index.ts'
import { Link, settle, until } from './link.fixture.ts'

const place = (clock: number) => {
  const at = { type: null, tname: null, item: { client: 1, clock }, assoc: 0 }
  return { anchor: at, head: at }
}

/** Shows a cursor, as editors do. */
function point({ live }: Editor): void {
  live.awareness.setLocalStateField('cursor', place(0))
}

describe('what is typed', function () {
  this.timeout(20_000)
  let twins: TestReplica[]
  let link: Link
  let slow: SlowDatabase
  let id: Uint8Array

  const editorOf = async ({ spaces }: TestReplica) => new Editor(await spaces.get(id)!.edit(sheet))
  const seqOf = (of: TestReplica, by: TestReplica) =>
    of.spaces.replica
      .space(id)!
      .frontier()
      .find(([twin]) => twin.every((byte, i) => byte === by.twin[i]))?.[2] ?? 0

  /** Two twins with a shared space, connected. */
  async function open(...databases: [Database, Database]): Promise<[TestReplica, TestReplica]> {
    twins = []
    for (const db of databases) {
      const twin = await newTwin({ crypto: nodeCrypto(), kinds: liveKinds.kinds, db })
      const spaces = await createSpaces(twin.init)
      await spaces.start()
      twins.push({ ...twin, spaces })
    }
    const [one, other] = twins as [TestReplica, TestReplica]
    await one.init.directory.receive(other.twin, other.records)
    await other.init.directory.receive(one.twin, one.records)
    id = (await one.spaces.create({ kind: 'shared', name: 'shared', members: [other.twin] })).id
    link = new Link(one.spaces.replica, other.spaces.replica).start()
    await until(() => other.spaces.get(id)?.state === 'open' && other.spaces.get(id)!.hasKey)
    await settle(link)
    return [one, other]
  }

  beforeEach(() => {
    slow = slowDatabase()
  })

  afterEach(async () => {
    slow.release()
    link.cut()
    await Promise.all(twins.map(({ spaces }) => spaces.stop()))
  })

  it('shows on the other screen while the disk there is busy, and is held there only when it is stored', async () => {
    const [ada, bea] = await open(memoryDatabase(), slow.db)
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    one.add('a')
    await same(one, other)
    await until(() => seqOf(bea, ada) === 1)
    slow.hold()
    for (const letter of 'bcd') {
      one.add(letter)
      await same(one, other)
    }
    await settle(link)
    expect(seqOf(bea, ada)).to.equal(1)
    slow.release()
    await until(() => seqOf(bea, ada) === 4)
  })

  it('leaves only when the disk of whoever typed it has it', async () => {
    const [ada, bea] = await open(slow.db, memoryDatabase())
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    one.add('a')
    await same(one, other)
    await one.live.saved()
    slow.hold()
    one.add('b')
    one.add('c')
    await settle(link)
    expect([one.live.state, other.shown, seqOf(ada, ada)]).to.deep.equal(['saving', 'a', 1])
    slow.release()
    await one.live.saved()
    expect(await same(one, other)).to.equal('abc')
  })

  it('is on the other screen before that, beside the text, and in the text as it arrives', async () => {
    const [ada, bea] = await open(slow.db, memoryDatabase())
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    one.add('to go')
    await same(one, other)
    await one.live.saved()
    point(one)
    slow.hold()
    one.type(3, 's')
    await until(() => onScreen(other.live) === 'to sgo')
    one.type(4, 'tx')
    one.type(5, '', 1)
    await until(() => onScreen(other.live) === 'to stgo')
    // What is written there meanwhile is written into the text
    other.add('!')
    await until(() => one.shown === 'to stgo!')
    expect([other.shown, onScreen(other.live)]).to.deep.equal(['to go!', 'to stgo!'])
    slow.release()
    expect(await same(one, other)).to.equal('to stgo!')
    expect([onScreen(one.live), onScreen(other.live)]).to.deep.equal(['to stgo!', 'to stgo!'])
  })

  it('is told with the cursor behind it in one message, within the turn of the key', async () => {
    const [ada, bea] = await open(memoryDatabase(), memoryDatabase())
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    point(other)
    await until(() => one.live.awareness.getStates().size === 2)
    const told: unknown[] = []
    ada.spaces.replica.on('awareness', ({ bytes, except }) => {
      if (except === undefined) told.push(...readPresence(bytes).map(({ state }) => state?.typed))
    })
    ada.spaces.replica.on('runs', () => told.push('entry'))
    const answered: unknown[] = []
    bea.spaces.replica.on('awareness', ({ from, bytes }) => from === undefined && answered.push(bytes))
    point(one)
    await undefined
    expect(told.splice(0)).to.deep.equal([[]])
    one.add('a')
    point(one)
    expect(told).to.deep.equal([])
    await undefined
    expect(told).to.deep.equal([[{ clock: 0, after: null, text: 'a' }]])
    await one.live.saved()
    expect(told.slice(1)).to.deep.equal(['entry'])
    // Whoever is shown a letter has typed none
    await same(one, other)
    await undefined
    expect(answered).to.deep.equal([])
  })

  it('of whoever may only read, or shows no cursor, is on no other screen', async () => {
    const [ada, bea] = await open(memoryDatabase(), memoryDatabase())
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    const clients = () => [...one.live.awareness.getStates().values()].map(state => state.cursor?.head.item?.clock)
    const say = (at: number) => {
      const state = { cursor: place(at), typed: [{ clock: 0, after: null, text: 'forged' }] }
      const { clientID } = other.live.awareness
      bea.spaces.get(id)!.sendAwareness(sheet, writePresence([{ client: clientID, clock: Date.now() + at, state }]))
    }
    say(1)
    await until(() => clients().includes(1))
    expect(onScreen(one.live)).to.equal('forged')
    await ada.spaces.addMember(ada.spaces.get(id)!, bea.twin, 'reader')
    say(2)
    await until(() => clients().includes(2))
    expect(onScreen(one.live)).to.equal('')
    const told: number[] = []
    bea.spaces.get(id)!.on('awareness', ({ bytes }) => told.push(bytes.length))
    one.add('without a cursor')
    await same(one, other)
    expect(told).to.deep.equal([])
  })

  it('goes from the other screen when it never arrives, whatever is said anew', async () => {
    const [ada, bea] = await open(memoryDatabase(), memoryDatabase())
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    const { clientID } = other.live.awareness
    const say = (clock: number) => {
      const state = { cursor: place(clock), typed: [{ clock, after: null, text: 'ghost' }] }
      bea.spaces.get(id)!.sendAwareness(sheet, writePresence([{ client: clientID, clock: Date.now() + clock, state }]))
    }
    say(1)
    await until(() => onScreen(one.live) === 'ghost')
    await new Promise<void>(resolve => {
      one.live.awareness.on('change', (_: unknown, origin: unknown) => origin === 'lapsed' && resolve())
    })
    expect(onScreen(one.live)).to.equal('')
    say(2)
    await until(() => one.live.awareness.getStates().get(clientID)?.cursor?.head.item.clock === 2)
    expect(onScreen(one.live)).to.equal('')
    other.add('signed')
    await same(one, other)
    say(7)
    await until(() => onScreen(one.live) === 'ghostsigned')
  })

  it('is written again when groups fail that were prepared one on top of the other', async () => {
    const failing = failingDatabase()
    const [ada, bea] = await open(failing.db, memoryDatabase())
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    for (const letter of 'abcdef') {
      failing.failAt(1)
      one.add(letter)
      one.add(letter.toUpperCase())
      await new Promise(setImmediate)
      one.add('.')
      await one.live.saved()
    }
    await until(() => seqOf(bea, ada) === seqOf(ada, ada))
    expect(await same(one, other)).to.equal('aA.bB.cC.dD.eE.fF.')
  })

  it('is claimed once for many keystrokes, the last of them included', async () => {
    const [ada, bea] = await open(memoryDatabase(), memoryDatabase())
    const [one, other] = [await editorOf(ada), await editorOf(bea)]
    const claimed: number[] = []
    bea.spaces.replica.on('durable', ({ claims, from }) => {
      if (from === undefined) claimed.push(...claims.map(({ seq }) => seq))
    })
    for (let n = 0; n < 30; n++) {
      one.add('a')
      await same(one, other)
      await one.live.saved()
    }
    await until(() => claimed.at(-1) === seqOf(ada, ada))
    expect([claimed[0], seqOf(ada, ada)]).to.deep.equal([1, 30])
    expect(claimed.length).to.be.lessThan(30)
  })
})
