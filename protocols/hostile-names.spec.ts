import { expect } from 'chai'
import { textToTwin } from '../crdt/identity/index.ts'
import { notesPolicy } from './notes/document-kind.ts'
import { type FixtureTwin, meet, World } from './twins.fixture.ts'

const hostile = 'Fam\u200bily\u202e\nx'
const blank = '\u200b\u2060'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('names that nobody sees through', () => {
  let world: World
  let ann: FixtureTwin
  let mallory: FixtureTwin
  beforeEach(async () => {
    world = new World()
    ann = await world.add('Ann')
    mallory = await world.add('Mallory')
    await meet(ann, mallory)
  })
  afterEach(() => world.stop())

  /** A space of Mallory's whose name no method would take, once Ann has it */
  async function make(init: { kind: 'group' | 'shared'; name: string; policy?: string }): Promise<string> {
    const { text } = await mallory.spaces.create({ ...init, members: [textToTwin(ann.id)] })
    while (!ann.spaces.list().some(space => space.text === text)) await new Promise(setImmediate)
    return text
  }

  it('of a group, a notebook or a namespace of others are shown as what is seen of them, and found by that', async () => {
    const group = await make({ kind: 'group', name: hostile })
    const nameless = await make({ kind: 'group', name: blank })
    await make({ kind: 'shared', name: hostile, policy: notesPolicy })
    await make({ kind: 'shared', name: hostile })
    const titles = (await all(ann.spaceList.list({}))).map(({ name }) => name)
    expect(titles).to.include.members(['Familyx', nameless.slice(0, 8), 'Mallory/Familyx'])
    expect((await all(ann.notes.offers({}))).map(({ name }) => name)).to.deep.equal(['Mallory/Familyx'])
    expect((await all(ann.kv.offers({}))).map(({ name }) => name)).to.deep.equal(['Mallory/Familyx'])
    await ann.spaceList.accept({ space: group })
    const conversations = await all(ann.chat.conversations({}))
    expect(conversations.map(({ name }) => name)).to.include('Familyx')
    expect(await all(ann.chat.members({ who: 'familyx' }))).to.have.length(2)
  })

  it('are given to nothing here: what nobody sees is left out, and a name of nothing else is refused', async () => {
    const refusals = await Promise.all(
      [
        ann.chat.createGroup({ name: blank, members: [] }),
        ann.notes.createNotebook({ name: blank }),
        ann.devices.rename({ number: 1, name: blank }),
        ann.profile.set({ name: blank }),
        ann.pairing.offer({ name: blank })
      ].map(call => (call as Promise<unknown>).catch(error => `${error.code}: ${error.message}`))
    )
    for (const refusal of refusals) expect(refusal).to.match(/^InvalidArgument: .*something to be seen/)
    expect(await ann.chat.createGroup({ name: 'Fam\u200bily', members: [] })).to.include({ name: 'Family' })
    expect(await ann.notes.createNotebook({ name: 'Tr\u202eip' })).to.include({ name: 'Trip' })
    expect(await ann.devices.rename({ number: 1, name: 'lap\u00adtop' })).to.include({ name: 'laptop' })
    expect(await ann.profile.set({ name: 'A\u2066nn' })).to.include({ name: 'Ann' })
  })
})
