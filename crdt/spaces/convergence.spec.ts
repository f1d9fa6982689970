import { expect } from 'chai'
import fc from 'fast-check'
import type * as Y from 'yjs'
import { keyValue } from '../key-value/index.ts'
import { createSpaces } from './local-spaces.ts'
import { give, indexRows, openTwins, sharedSpace, type TestReplica, text } from './replicas.fixture.ts'
import type { Space } from './space.ts'

type Step =
  | { type: 'type'; who: number; at: number; text: string }
  | { type: 'remove'; who: number; at: number; length: number }
  | { type: 'edit'; who: number; at: number; text: string }
  | { type: 'put'; who: number; key: number; value: number }
  | { type: 'delete'; who: number; key: number }
  | { type: 'give'; from: number; to: number }
  | { type: 'tick' }

const who = fc.nat(2)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('type' as const),
    who,
    at: fc.nat(40),
    text: fc.string({ minLength: 1, maxLength: 5 })
  }),
  fc.record({ type: fc.constant('remove' as const), who, at: fc.nat(40), length: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    type: fc.constant('edit' as const),
    who,
    at: fc.nat(40),
    text: fc.string({ minLength: 1, maxLength: 5 })
  }),
  fc.record({ type: fc.constant('put' as const), who, key: fc.nat(4), value: fc.nat(99) }),
  fc.record({ type: fc.constant('delete' as const), who, key: fc.nat(4) }),
  fc.record({ type: fc.constant('give' as const), from: who, to: who }),
  fc.constant({ type: 'tick' as const })
)

async function run(twins: readonly TestReplica[], spaces: readonly Space[], steps: readonly Step[]): Promise<void> {
  const docs = await Promise.all(spaces.map(space => space.doc('text/paper')))
  const insert = (doc: Y.Doc, at: number, value: string) => {
    const target = doc.getText('text')
    target.insert(Math.min(at, target.length), value)
  }
  const writes: Promise<unknown>[] = []
  for (const next of steps) {
    if (next.type === 'type') insert(docs[next.who]!, next.at, next.text)
    else if (next.type === 'remove') {
      const target = docs[next.who]!.getText('text')
      const at = Math.min(next.at, target.length)
      target.delete(at, Math.min(next.length, target.length - at))
    } else if (next.type === 'edit') {
      writes.push(spaces[next.who]!.write('text/paper', doc => insert(doc, next.at, next.text)))
    } else if (next.type === 'put') {
      writes.push(keyValue(spaces[next.who]!, 'n').put(`key ${next.key}`, text(String(next.value))))
    } else if (next.type === 'delete') writes.push(keyValue(spaces[next.who]!, 'n').delete(`key ${next.key}`))
    else if (next.type === 'give') await give(twins[next.from]!, twins[next.to]!)
    else await Promise.all(writes.splice(0))
  }
  await Promise.all(writes)
  await Promise.all(spaces.map(space => space.flush()))
  for (let round = 0; round < 2; round++) {
    for (const from of twins) for (const to of twins) if (from !== to) await give(from, to)
  }
}

async function marks({ db }: TestReplica): Promise<string[]> {
  return db.keys({ gte: 'g/', lt: 'g0' }).all()
}

const rowsOf = async ({ db }: TestReplica, space: Space) =>
  new Map([...(await indexRows(db))].filter(([key]) => key.startsWith(`i/${space.text}/`)))

describe('replicas of a space', function () {
  this.timeout(60_000)

  it('agree on documents and rows whatever is written and exchanged in whatever order, and after a reload', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 50 }), async steps => {
        const twins = await openTwins(3)
        const spaces = await sharedSpace(twins)
        await run(twins, spaces, steps)
        const texts = await Promise.all(
          spaces.map(async space => (await space.doc('text/paper')).getText('text').toString())
        )
        expect(new Set(texts).size).to.equal(1)
        const rows = await Promise.all(twins.map((twin, index) => rowsOf(twin, spaces[index]!)))
        expect(rows[1]).to.deep.equal(rows[0])
        expect(rows[2]).to.deep.equal(rows[0])
        // Honest entries are never refused
        for (const twin of twins) expect(await marks(twin)).to.deep.equal([])
        const again = await createSpaces(twins[2]!.init)
        const doc = await again.get(spaces[0]!.id)!.doc('text/paper')
        expect(doc.getText('text').toString()).to.equal(texts[0])
        await twins[1]!.spaces.stop()
        const stopped = await createSpaces(twins[1]!.init)
        expect((await stopped.get(spaces[0]!.id)!.doc('text/paper')).getText('text').toString()).to.equal(texts[0])
      }),
      { numRuns: 8 }
    )
  })
})
