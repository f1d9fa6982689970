import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { frozen } from '../frozen.fixture.ts'
import type { FixedTwin } from '../identity/identity.fixture.ts'
import { keyValue } from '../key-value/index.ts'
import { fixedTwins, openReplica, type Rows, rowsOf } from './frozen-store.fixture.ts'
import { exchange, readText, text } from './replicas.fixture.ts'

/** A twin with values of its own, a conversation and a shared space, of which the other one wrote a part. */
async function writeStore(): Promise<Rows> {
  const [john, marie] = await twoTwins()
  const [home, far] = [await openReplica(john, [marie]), await openReplica(marie, [john])]
  await keyValue(home.spaces.self, 'notes').put('colour', text('green'))
  const shared = await home.spaces.create({ kind: 'shared', name: 'House', members: [marie.twin] })
  await exchange(home, far)
  await keyValue(shared, 'list').put('milk', text('2'), { kind: 'json' })
  await exchange(home, far)
  await keyValue(far.spaces.get(shared.id)!, 'list').put('bread', text('1'), { kind: 'json' })
  await exchange(home, far)
  await home.spaces.stop()
  await far.spaces.stop()
  return rowsOf(home)
}

const twoTwins = async () => (await fixedTwins()) as [FixedTwin, FixedTwin, FixedTwin]

async function readFrozen(): Promise<Rows> {
  const present = await readFile('crdt/vectors/store.json', 'utf8').catch(() => undefined)
  return (present === undefined ? (await frozen('store', await writeStore())).frozen : JSON.parse(present)) as Rows
}

describe('a store that was frozen', () => {
  it('has the keys that a store has now, but for those that say which projections wrote the index', async () => {
    const keys = Object.keys(await writeStore()).filter(key => !key.startsWith('meta/projection/'))
    expect(keys).to.deep.equal(Object.keys(await readFrozen()))
  })

  it('opens, gives what was written, and takes more', async () => {
    const [john, marie] = await twoTwins()
    const home = await openReplica(john, [marie], await readFrozen())
    const { spaces } = home
    const notes = keyValue(spaces.self, 'notes')
    expect(readText((await notes.get('colour'))?.value)).to.equal('green')
    const shared = spaces.list().find(({ kind }) => kind === 'shared')!
    expect(shared).to.include({ name: 'House', state: 'open' })
    const list = keyValue(shared, 'list')
    const milk = await list.get('milk')
    expect(milk).to.deep.include({ kind: 'json', value: text('2'), by: { twin: john.twin, device: 1 } })
    expect((await list.get('bread'))?.by.twin).to.deep.equal(marie.twin)
    // The document is loaded from the frozen log, not from the index alone
    await list.put('milk', text('3'), { kind: 'json', expected: milk!.version })
    expect(readText((await list.get('milk'))?.value)).to.equal('3')
    await spaces.stop()
    // Nothing was written that the release before could not read
    expect((await rowsOf(home))['meta/version']).to.equal('01')
  })

  it('is read from its runs by a twin that has none of it', async () => {
    const [john, marie] = await twoTwins()
    const [home, far] = [await openReplica(john, [marie], await readFrozen()), await openReplica(marie, [john])]
    await exchange(home, far)
    const list = keyValue(far.spaces.list().find(({ kind }) => kind === 'shared')!, 'list')
    expect(readText((await list.get('milk'))?.value)).to.equal('2')
    expect(readText((await list.get('bread'))?.value)).to.equal('1')
    await home.spaces.stop()
    await far.spaces.stop()
  })
})
