import { expect } from 'chai'
import { createSpaces } from '../../crdt/index.ts'
import { type FixtureTwin, meet, World } from '../twins.fixture.ts'
import { all, becomes, has, reaches } from './compliance-steps.ts'

/** Index rows of a store by key, which are all that is ever shown of a conversation. */
async function rowsIn({ made }: FixtureTwin, space: string): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  for await (const [key, value] of made.db.iterator({ gt: `i/${space}/`, lt: `i/${space}0` })) rows[key] = String(value)
  return rows
}

async function entriesIn({ made }: FixtureTwin, space: string): Promise<number> {
  return (await made.db.keys({ gt: `r/${space}/`, lt: `r/${space}0` }).all()).length
}

describe('a conversation that was compacted', function () {
  this.timeout(60_000)
  const world = new World()
  after(() => world.stop())

  it('reads the same, with edits, reactions, replies, attachments and how far each message got', async () => {
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    const ids: string[] = []
    for (let round = 0; round < 12; round++) {
      const [from, to] = round % 2 === 0 ? [ann, ben] : [ben, ann]
      const attachments = round % 4 === 0 ? [await from.putFile(`${round}.txt`)] : undefined
      const replyTo = round === 5 ? ids[4] : undefined
      const { id } = await from.chat.send({ who: to.name, text: `message ${round}`, attachments, replyTo })
      ids.push(id)
      await has(to, from.name, round + 1)
    }
    await ann.chat.edit({ who: 'Ben', id: ids[2]!, text: 'edited' })
    await ben.chat.react({ who: 'Ann', id: ids[2]!, emoji: '👍' })
    await ann.chat.delete({ who: 'Ben', id: ids[4]! })
    await reaches(ann, 'Ben', ids[10]!, 'opened')
    await reaches(ben, 'Ann', ids[11]!, 'opened')
    await becomes(ben, 'Ann', ids[4]!, ({ deleted }) => deleted === true)
    await becomes(ann, 'Ben', ids[2]!, ({ reactions }) => reactions !== undefined)
    const space = ann.spaces.list().find(({ kind }) => kind === 'direct')!
    const there = ben.spaces.get(space.id)!
    const shown = async (twin: FixtureTwin, who: string) => await all(twin.chat.history({ who, peek: true }))
    const before = [await shown(ann, 'Ben'), await shown(ben, 'Ann')]
    const rows = [await rowsIn(ann, space.text), await rowsIn(ben, space.text)]
    // Until each has the other's milestone, and then each drops both logs
    while ((await entriesIn(ann, space.text)) + (await entriesIn(ben, space.text)) > 0) {
      for (const one of [space, there])
        expect((await one.compact()).reason ?? 'waits').to.match(/waits|have not got all/)
      await new Promise(setImmediate)
    }
    expect([await shown(ann, 'Ben'), await shown(ben, 'Ann')]).to.deep.equal(before)
    for (const [at, twin] of [ann, ben].entries()) {
      const again = await createSpaces({ ...twin.made.init, rebuildIndex: true })
      expect(again.get(space.id)).to.not.equal(undefined)
      expect(await rowsIn(twin, space.text)).to.deep.equal(rows[at])
    }
  })
})
