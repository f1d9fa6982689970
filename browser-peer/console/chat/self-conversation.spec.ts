import { expect } from 'chai'
import { createClient } from '../../../protocols/core/index.ts'
import { type FixtureTwin, World } from '../../../protocols/twins.fixture.ts'
import { findSelf, openSelf, selfName } from './self-conversation.ts'

describe('notes to yourself', () => {
  let world: World
  let ann: FixtureTwin
  beforeEach(async () => {
    world = new World()
    ann = await world.add('Ann')
  })
  afterEach(() => world.stop())

  /** A page of Ann's; each has clients of its own. */
  const page = (): Parameters<typeof openSelf>[0] => ({
    client: protocol => createClient(protocol, ann.as('owner'))
  })

  it('are one conversation for a page that opens them later', async () => {
    const [first, second] = [page(), page()]
    expect(await findSelf(second)).equal(undefined)
    const id = await openSelf(first)
    expect(await openSelf(second)).equal(id)
    expect(await findSelf(second)).equal(id)
  })

  it('are one conversation for two pages that open them at the same time, and none stays where nothing is', async () => {
    const ids = await Promise.all([openSelf(page()), openSelf(page()), openSelf(page())])
    expect(new Set(ids).size).equal(1)
    const named: string[] = []
    for await (const { id, name } of ann.chat.conversations({})) if (name === selfName) named.push(id)
    expect(named).include(ids[0])
  })
})
