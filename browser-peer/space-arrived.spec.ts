import { expect } from 'chai'
import { type FixtureTwin, World } from '../protocols/twins.fixture.ts'
import { spaceArrived } from './space-arrived.ts'

describe('spaceArrived()', () => {
  let world: World
  let ann: FixtureTwin
  beforeEach(async () => {
    world = new World()
    ann = await world.add('Ann')
  })
  afterEach(() => world.stop())

  it('resolves when a space that is meant comes, or is here already', async () => {
    let isHere = false
    const arrived = spaceArrived(ann.spaces, ({ kind }) => kind === 'group').then(() => {
      isHere = true
    })
    await spaceArrived(ann.spaces, ({ kind }) => kind === 'self')
    expect(isHere).equal(false)
    await ann.chat.createGroup({ name: 'Trip', members: [] })
    await arrived
    expect(isHere).equal(true)
  })

  it('rejects when nobody waits any more, also when that was so from the beginning', async () => {
    const stop = new AbortController()
    const waiting = spaceArrived(ann.spaces, () => false, stop.signal).catch(error => error)
    stop.abort(new Error('Enough'))
    expect((await waiting).message).equal('Enough')
    const late = await spaceArrived(ann.spaces, () => false, stop.signal).catch(error => error)
    expect(late.message).equal('Enough')
  })
})
