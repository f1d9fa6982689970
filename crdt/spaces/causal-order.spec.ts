import { expect } from 'chai'
import type { Dep, Run } from '../log/index.ts'
import { orderRuns } from './causal-order.ts'
import { exchange, openTwins, sharedSpace } from './replicas.fixture.ts'

const hash = new Uint8Array(32)
const run = (member: number, first: number, ...deps: (readonly [member: number, seq: number][])[]) => ({
  client: member * 0x10000 + 1,
  run: {
    first,
    entries: deps.map(list => ({ deps: list.map(([of, seq]): Dep => [of, 1, seq, hash]) }))
  } as unknown as Run
})

describe('the order of received runs', () => {
  it('puts every entry after what it builds on, across logs that build on each other', () => {
    const one = run(1, 1, [], [], [[2, 2]])
    const two = run(2, 1, [], [[1, 1]])
    const { entries, waiting } = orderRuns([one, two], () => 0)
    expect(waiting).to.deep.equal([])
    const at = (of: typeof one, index: number) => entries.findIndex(entry => entry.of === of && entry.index === index)
    expect(entries).to.have.length(5)
    expect(at(two, 1)).to.be.greaterThan(at(one, 0))
    expect(at(one, 2)).to.be.greaterThan(at(two, 1))
  })

  it('leaves out a run of which one entry waits, and what builds on it', () => {
    const one = run(1, 1, [], [[3, 1]])
    const two = run(2, 1, [[1, 1]])
    const other = run(4, 1, [])
    const { complete, waiting, entries } = orderRuns([one, two, other], () => 0)
    expect(complete).to.deep.equal([other])
    expect(waiting).to.deep.equal([one, two])
    expect(entries).to.have.length(1)
  })

  it('holds what builds on an entry of somebody else until that has arrived', async () => {
    const twins = await openTwins(3)
    const [one, other, third] = await sharedSpace(twins)
    await one!.write('text/a', doc => doc.getText('text').insert(0, 'a'))
    await exchange(twins[0]!, twins[1]!)
    await other!.write('text/a', doc => doc.getText('text').insert(1, 'b'))
    const { replica } = twins[2]!.spaces
    const give = async (from: number, of: number) => {
      const log = { twin: twins[of]!.twin, device: 1 }
      const runs = []
      for await (const bytes of twins[from]!.spaces.replica.runs(one!.id, log, 0)) runs.push({ log, run: bytes })
      return replica.receiveRuns(one!.id, runs, twins[from]!.spaces.replica.self)
    }
    expect(await give(1, 1)).to.deep.include({ accepted: 0, held: 1 })
    const text = (await third!.doc('text/a')).getText('text')
    expect(text.toString()).to.equal('')
    await give(0, 0)
    expect(text.toString()).to.equal('ab')
    expect(await twins[2]!.db.keys({ gte: 'g/', lt: 'g0' }).all()).to.deep.equal([])
  })
})
