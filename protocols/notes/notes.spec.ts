import { expect } from 'chai'
import { meet, World } from '../twins.fixture.ts'
import notesCompliance from './compliance.ts'
import { editNote } from './index.ts'

describe('notes', () => {
  notesCompliance(async () => {
    const world = new World()
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    return { ann: ann.notes, ben: ben.notes, annName: 'Ann', benName: 'Ben', stop: () => world.stop() }
  })
})

describe('editNote()', () => {
  it('is what methods and others see, with a name beside the cursor that the contact list gives', async () => {
    const world = new World()
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    await ann.notes.createNotebook({ name: 'Trip' })
    await ann.notes.share({ notebook: 'Trip', who: 'Ben' })
    const turn = () => new Promise(resolve => setTimeout(resolve))
    const offers = async () => (await ben.notes.offers({})[Symbol.asyncIterator]().next()).value
    while ((await offers()) === undefined) await turn()
    await ben.notes.accept({ notebook: 'Ann/Trip' })
    const { id, notebook } = await ann.notes.create({ notebook: 'Trip', text: 'one' })
    const spaceOf = (twin: typeof ann) => twin.spaces.list().find(({ text }) => text === notebook)!
    const mine = await editNote(spaceOf(ann), id)
    const theirs = await editNote(spaceOf(ben), id, { nameOf: twin => ben.contacts.nameOf(twin) })
    while (theirs.text.toString() !== 'one') await turn()
    mine.text.insert(0, '# ')
    mine.awareness.setLocalState({ cursor: null, user: { name: 'Somebody else' } })
    await mine.saved()
    expect((await ann.notes.read({ note: id })).text).to.equal('# one')
    const shown = () => theirs.awareness.getStates().get(mine.awareness.clientID)
    while (theirs.text.toString() !== '# one' || shown() === undefined) await turn()
    expect(shown()?.user.name).to.equal('Ann')
    await ben.notes.append({ note: id, text: ' two' })
    while (mine.text.toString() !== '# one two') await turn()
    expect((await ben.notes.read({ note: id })).title).to.equal('one two')
    for (const live of [mine, theirs]) live.close()
    await world.stop()
  })
})
