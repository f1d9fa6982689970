import { expect } from 'chai'
import { editNote } from '../protocols/notes/index.ts'
import { type FixtureTwin, World } from '../protocols/twins.fixture.ts'
import { SharedNotes } from './shared-notes.ts'

describe('notes that are shared by editors', () => {
  let world: World
  let ann: FixtureTwin
  beforeEach(async () => {
    world = new World()
    ann = await world.add('Ann')
  })
  afterEach(() => world.stop())

  it('are opened once, and closed with the last editor', async () => {
    const { id, notebook } = await ann.notes.create({ text: 'We go' })
    const space = ann.spaces.list().find(({ text }) => text === notebook)!
    const log: string[] = []
    const shared = new SharedNotes(async note => {
      const live = await editNote(space, note)
      log.push('opened')
      const close = () => {
        log.push('closed')
        live.close()
      }
      return { live, isDirect: () => false, onPeers: () => () => {}, close }
    })
    const [one, other] = await Promise.all([shared.open(id), shared.open(id)])
    expect(one.live).equal(other.live)
    one.close()
    one.close()
    expect(log).deep.equal(['opened'])
    other.close()
    await Promise.resolve()
    expect(log).deep.equal(['opened', 'closed'])
    const again = await shared.open(id)
    expect(log).deep.equal(['opened', 'closed', 'opened'])
    again.close()
  })

  it('that cannot be opened are tried again by the next editor', async () => {
    let tries = 0
    const shared = new SharedNotes(async () => {
      tries++
      throw new Error('Not here yet')
    })
    for (let round = 0; round < 2; round++) {
      expect(await shared.open('x').catch((error: Error) => error.message)).equal('Not here yet')
    }
    expect(tries).equal(2)
  })
})
