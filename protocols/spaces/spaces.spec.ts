import { expect } from 'chai'
import { type FixtureTwin, meet, World } from '../twins.fixture.ts'
import spacesCompliance, { all } from './compliance.ts'
import type { SpaceItem } from './protocol.ts'

/** Looks again after each change of the twin's spaces until one of them is as it should be. */
async function until(twin: FixtureTwin, accept: (item: SpaceItem) => boolean): Promise<SpaceItem> {
  for (;;) {
    let wake = () => {}
    const changed = new Promise<void>(resolve => {
      wake = resolve
    })
    const undo = (['open', 'offer', 'change'] as const).map(event => twin.spaces.on(event, wake))
    const found = (await all(twin.spaceList)).find(accept)
    if (found === undefined) await changed
    for (const stop of undo) stop()
    if (found !== undefined) return found
  }
}

/** Each round is a call, which is what paces it. */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    const found = await call().catch(() => undefined)
    if (found !== undefined) return found
    await new Promise(setImmediate)
  }
}

describe('spaces', function () {
  this.timeout(60_000)

  spacesCompliance(async () => {
    const world = new World()
    const [ann, ben, carl] = [await world.add('Ann'), await world.add('Ben'), await world.add('Carl')]
    for (const other of [ben, carl]) {
      await meet(ann, other)
      await until(ann, ({ kind, name }) => kind === 'direct' && name === other.name)
    }
    return {
      owner: ann.spaceList,
      makeGroup: async name => void (await ann.chat.createGroup({ name, members: ['Ben'] })),
      share: async namespace => void (await ann.kv.share({ namespace, who: 'Ben' })),
      stop: () => world.stop()
    }
  })

  it('a namespace of a contact is offered under their name, opened, and says when one was removed from it', async () => {
    const world = new World()
    try {
      const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
      await meet(ann, ben)
      await ann.kv.share({ namespace: 'house', who: 'Ben' })
      const offered = await until(ben, ({ state }) => state === 'offered')
      expect(offered).to.include({ name: 'Ann/house', role: 'writer', keeper: false })
      expect(await ben.spaceList.accept({ space: 'Ann/house' })).to.include({ state: 'open' })
      const refused = await ben.spaceList.remove({ space: 'Ann/house', who: 'Ann' }).catch(error => error)
      expect(refused.message).to.match(/Ann made it and decides/)
      await ann.spaceList.remove({ space: 'house', who: 'Ben' })
      const removed = await until(ben, ({ state }) => state === 'removed')
      expect(removed).to.include({ name: 'Ann/house', members: 1 }).and.not.have.property('role')
      // And comes back, in the same session
      expect(await ann.spaceList.add({ space: 'house', who: 'Ben' })).to.include({ number: 2 })
      expect(await until(ben, ({ state, kind }) => kind === 'shared' && state === 'open')).to.include({ members: 2 })
      await ann.kv.put({ space: 'house', key: 'colour', value: 'blue' })
      const { value } = await answered(() => ben.kv.get({ space: 'Ann/house', key: 'colour' }))
      expect(value).to.equal('blue')
    } finally {
      await world.stop()
    }
  })

  it('of two spaces that were made for one namespace its name means the one that it is', async () => {
    const world = new World()
    try {
      const ann = await world.add('Ann')
      const twins = [1, 2].map(() => ann.spaces.create({ kind: 'shared', name: 'house', members: [] }))
      const ids = (await Promise.all(twins)).map(({ text }) => text).sort()
      expect(await ann.spaceList.accept({ space: 'house' })).to.include({ id: ids[0] })
      expect(await ann.spaceList.accept({ space: ids[1]! })).to.include({ id: ids[1] })
    } finally {
      await world.stop()
    }
  })

  it('who was removed from a group can be added to it again by chat', async () => {
    const world = new World()
    try {
      const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
      await meet(ann, ben)
      await ann.chat.createGroup({ name: 'Trip', members: ['Ben'] })
      await ann.spaceList.remove({ space: 'Trip', who: 'Ben' })
      expect(await ann.chat.addMember({ group: 'Trip', who: 'Ben' })).to.include({ name: 'Ben', role: 'writer' })
    } finally {
      await world.stop()
    }
  })
})
