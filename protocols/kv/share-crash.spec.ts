import { expect } from 'chai'
import type { Space, Spaces } from '../../crdt/index.ts'
import { type FixtureTwin, meet, World } from '../twins.fixture.ts'
import { Kv } from './kv.ts'

const entries = 3

describe('sharing a namespace', () => {
  it('loses and doubles nothing, wherever a crash comes in', async () => {
    let isThrough = false
    let crashes = 0
    for (let writes = 0; !isThrough; writes++) {
      const world = new World()
      try {
        const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
        await meet(ann, ben)
        const ops = Array.from({ length: entries }, (_, i) => ({ type: 'put' as const, key: `k${i}`, value: i }))
        await ann.kv.batch({ ops, space: 'house' })
        isThrough = await shareUntil(ann, writes)
        if (!isThrough) crashes++
        await ann.restart()
        await ann.kv.share({ namespace: 'house', who: 'Ben' })
        const values: unknown[] = []
        for await (const { value } of ann.kv.list({ space: 'house' })) values.push(value)
        expect(values.sort((a, b) => Number(a) - Number(b))).to.deep.equal(ops.map(({ value }) => value))
        expect(ann.spaces.list().filter(({ kind }) => kind === 'shared')).to.have.length(1)
        expect((await ben.kv.get({ key: 'k1', space: 'Ann/house' })).value).to.equal(1)
      } finally {
        await world.stop()
      }
    }
    expect(crashes).to.be.greaterThan(4)
  }).timeout(120_000)
})

/** Shares with a store that takes only so many writes; whether that was enough. */
async function shareUntil(ann: FixtureTwin, writes: number): Promise<boolean> {
  let left = writes
  const spend = <T>(action: () => T): T => {
    if (left-- <= 0) throw new Error('Crashed')
    return action()
  }
  const { spaces } = ann
  const dying = (space: Space): Space =>
    replacing(space, 'write', async (...args) => await spend(() => space.write(...args)))
  const made = replacing(spaces, 'create', async init => dying(await spend(() => spaces.create(init))))
  const added = replacing(made, 'addMember', async (...args) => await spend(() => spaces.addMember(...args)))
  const listed = replacing(added, 'list', () => spaces.list().map(dying))
  const broken: Spaces = new Proxy(listed, {
    get: (target, name) => (name === 'self' ? dying(spaces.self) : Reflect.get(target, name))
  })
  const kv = new Kv({ me: { twin: ann.twin }, spaces: broken, contacts: ann.contacts, blobs: ann.blobsHere })
  try {
    await kv.share({ namespace: 'house', who: 'Ben' })
    return true
  } catch (error) {
    expect((error as Error).message).to.equal('Crashed')
    return false
  } finally {
    await kv.stop()
  }
}

/** The same object with one method of its own; others are called on the real one, whose fields are private. */
function replacing<T extends object, K extends keyof T>(target: T, name: K, method: T[K]): T {
  return new Proxy(target, {
    get: (_, key) => {
      if (key === name) return method
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}
