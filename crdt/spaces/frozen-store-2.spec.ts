import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { bytesToReference, referenceToBytes } from '../blobs/index.ts'
import type { DocumentKind } from '../documents/index.ts'
import { frozen } from '../frozen.fixture.ts'
import type { FixedTwin } from '../identity/identity.fixture.ts'
import { keyValue } from '../key-value/index.ts'
import { clientId } from '../log/index.ts'
import { forge } from './forge.fixture.ts'
import { fixedTwins, openReplica, type Rows, rowsOf } from './frozen-store.fixture.ts'
import { exchange, give, indexRows, readText, type TestReplica, text, textKind } from './replicas.fixture.ts'
import type { Space } from './space.ts'

type Three<T> = [T, T, T]

/** Known to John alone */
const sheetKind: DocumentKind = { ...textKind, kind: 'sheet' }
const photo = { address: '07'.repeat(32), size: 9, key: new Uint8Array(32).fill(8), type: '', name: 'p.jpg' }
const [john, marie] = [clientId(1, 1), clientId(2, 1)]

/** Every sort of row that spaces write, but for `a/`, which is there in the middle of something only. */
const sorts = ['c/b', 'c/m', 'c/p', 'c/w', 'f', 'g/d', 'g/e 1', 'g/e 2', 'g/e 3', 'h', 'i', 'i/b', 'meta/projection']
sorts.push('meta/reader', 'meta/space', 'meta/version', 'ml', 'mw', 'q', 'q/log', 'r', 's', 'u', 'x')

function sortOf([key, value]: [string, string]): string {
  const [family = '', , third = '', fourth] = key.split('/')
  if (family === 'meta') return key.split('/').slice(0, 2).join('/')
  if (family === 'c') return `c/${third}`
  if (family === 'g') return third === 'e' ? `g/e ${Number.parseInt(value.slice(0, 2), 16)}` : 'g/d'
  if (family === 'i') return key.includes('//b/') ? 'i/b' : 'i'
  return family === 'q' && fourth !== undefined ? 'q/log' : family
}

/** One letter of John beside what Marie is yet to write. */
const early = (clock: number, letter: string) =>
  Uint8Array.from([1, 1, ...uint(john), 0, 0x84, ...uint(marie), clock, 1, letter.charCodeAt(0), 0])

/** As lib0 writes it */
function uint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...uint(Math.floor(value / 128))]
}

const paper = (space: Space, name = 'text/a') => space.doc(name).then(doc => doc.getText('text').toString())
const type = (space: Space, at: number, letters: string, name = 'text/a') =>
  space.write(name, doc => doc.getText('text').insert(at, letters))

/** What Marie has after a compaction, a removal, entries that wait, a fork, a kind that she does not know and a start without peers. */
async function writeStore(): Promise<Rows> {
  const twins = (await fixedTwins()) as Three<FixedTwin>
  const open = (at: number, more = {}) => openReplica(twins[at]!, twins.toSpliced(at, 1), {}, more)
  const keeper = await open(0, { kinds: [...(await kindsOf(open)), sheetKind] })
  const [home, leaver] = [await open(1), await open(2)]
  const all = [keeper, home, leaver]
  const members = [twins[1].twin, twins[2].twin]
  const house = await keeper.spaces.create({ kind: 'shared', name: 'House', members })
  await exchange(...all)
  const [here, theirs] = [home.spaces.get(house.id)!, leaver.spaces.get(house.id)!]
  await keyValue(home.spaces.self, 'notes').put('colour', text('green'))
  await keyValue(here, 'list').put('milk', text('2'))
  await keyValue(here, 'list').put('photo', referenceToBytes(photo), { kind: 'blob' })
  await type(here, 0, 'abc')
  await exchange(...all)
  await exchange(...all)
  expect((await here.compact()).dropped).to.be.greaterThan(0)
  await keyValue(here, 'list').put('eggs', text('6'))
  await exchange(keeper, home)
  // Noted is that Lea lacks something
  expect(await here.compact()).to.deep.equal({ dropped: 0 })
  await keyValue(theirs, 'list').put('milk', text('late'))
  await give(leaver, home)
  await keyValue(here, 'list').put('bread', text('1'))
  await keeper.spaces.removeMember(house, twins[2].twin)
  await exchange(keeper, home)
  await house.write('sheet/1', doc => doc.getText('text').insert(0, 'x'))
  await exchange(keeper, home)
  await markEntries(keeper, home)
  await fork(keeper, home)
  await home.spaces.stop()
  const alone = await openReplica(twins[1], [twins[0], twins[2]], await rowsOf(home), { asksFirst: true })
  await keyValue(alone.spaces.self, 'notes').put('colour', text('blue'))
  await alone.spaces.stop()
  return rowsOf(alone)
}

const kindsOf = async (open: (at: number) => Promise<TestReplica>) => (await open(0)).init.kinds

/** A space in which one entry of John is refused, one waits and one has waited. */
async function markEntries(keeper: TestReplica, home: TestReplica): Promise<void> {
  const yard = await keeper.spaces.create({ kind: 'shared', name: 'Yard', members: [home.twin] })
  await exchange(keeper, home)
  let [first, prev] = [1, undefined as Uint8Array | undefined]
  for (const [document, update] of [
    ['text/was', early(2, 'M')],
    ['text/is', early(9, 'N')],
    ['diary/2', Uint8Array.of(0, 0)]
  ] as const) {
    const { hash, ...run } = await forge(keeper, yard, { first: first++, prev, document, update })
    await home.spaces.replica.receiveRuns(yard.id, [run], run.log)
    prev = hash
  }
  await type(home.spaces.get(yard.id)!, 0, 'abc', 'text/was')
}

async function fork(keeper: TestReplica, home: TestReplica): Promise<void> {
  const shed = await keeper.spaces.create({ kind: 'shared', name: 'Shed', members: [home.twin] })
  await exchange(keeper, home)
  for (let count = 0; count < 2; count++) {
    const run = await forge(keeper, shed, {})
    await home.spaces.replica.receiveRuns(shed.id, [run], run.log)
  }
}

async function readFrozen(): Promise<Rows> {
  const present = await readFile('crdt/vectors/store-2.json', 'utf8').catch(() => undefined)
  return (present === undefined ? (await frozen('store-2', await writeStore())).frozen : JSON.parse(present)) as Rows
}

async function openFrozen(more = {}): Promise<TestReplica & { readonly named: (name: string) => Space }> {
  const [keeper, home, leaver] = (await fixedTwins()) as Three<FixedTwin>
  const replica = await openReplica(home, [keeper, leaver], await readFrozen(), more)
  return { ...replica, named: name => replica.spaces.list().find(space => space.name === name)! }
}

describe('a store of the second version that was frozen', function () {
  this.timeout(60_000)

  it('has every sort of row that a store has now', async () => {
    const sortsOf = (rows: Rows) => [...new Set(Object.entries(rows).map(sortOf))].sort()
    const kept = await readFrozen()
    expect(sortsOf(kept)).to.deep.equal([...sorts].sort())
    expect(sortsOf(await writeStore())).to.deep.equal([...sorts].sort())
    expect(kept['meta/version']).to.equal('02')
  })

  it('opens and gives what was written, shortened logs, removals and waiting entries included', async () => {
    const { spaces, named } = await openFrozen({ asksFirst: true })
    expect(readText((await keyValue(spaces.self, 'notes').get('colour'))?.value)).to.equal('blue')
    const list = keyValue(named('House'), 'list')
    expect(readText((await list.get('milk'))?.value)).to.equal('2')
    expect(readText((await list.get('bread'))?.value)).to.equal('1')
    expect(bytesToReference((await list.get('photo'))!.value)).to.deep.equal(photo)
    expect(await paper(named('House'))).to.equal('abc')
    expect(await paper(named('Yard'), 'text/was')).to.equal('abcM')
    expect(await paper(named('Yard'), 'text/is')).to.equal('')
    const [marks] = named('Yard').review().logs
    expect(marks).to.include({ held: 1, rejected: 1 })
    expect(named('House').members()).to.have.length(2)
    await spaces.stop()
  })

  it('takes more, and the waiting entry once what it waits for is here', async () => {
    const { spaces, named, ...replica } = await openFrozen()
    await type(named('House'), 3, 'd')
    await keyValue(named('House'), 'list').put('milk', text('3'))
    await type(named('Yard'), 0, 'abcdefghij', 'text/is')
    await spaces.stop()
    const [keeper, home, leaver] = (await fixedTwins()) as Three<FixedTwin>
    const again = await openReplica(home, [keeper, leaver], await rowsOf({ spaces, ...replica }))
    const [house, yard] = ['House', 'Yard'].map(of => again.spaces.list().find(({ name }) => name === of)!)
    expect(await paper(house!)).to.equal('abcd')
    // What waits is tried at a start, and with what others send
    await yard!.flush()
    expect(await paper(yard!, 'text/is'))
      .to.contain('N')
      .and.have.length(11)
    expect(readText((await keyValue(house!, 'list').get('milk'))?.value)).to.equal('3')
    await again.spaces.stop()
  })

  it('has the index that follows from its milestone and its logs', async () => {
    const [kept, renewed] = [await openFrozen(), await openFrozen({ rebuildIndex: true })]
    expect(await indexRows(renewed.db)).to.deep.equal(await indexRows(kept.db))
  })
})
