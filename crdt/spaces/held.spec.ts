import { expect } from 'chai'
import { clientId } from '../log/index.ts'
import { forge, insertion, logOf, runsOf } from './forge.fixture.ts'
import { maxHeldEntries } from './held-entries.ts'
import { createSpaces } from './local-spaces.ts'
import { exchange, give, openTwins, reopen, type TestReplica } from './replicas.fixture.ts'
import type { Space } from './space.ts'

const [mallory, ada] = [clientId(1, 1), clientId(2, 1)]
const paper = 'text/paper'

/** One insertion after each other by one client, from a clock on; the first beside what another client is yet to write. */
function builtOn(client: number, clock: number, on: { client: number; clock: number }, letter: string): Uint8Array {
  const bytes = [1, 1, ...uint(client), ...uint(clock), 0x84, ...uint(on.client), ...uint(on.clock), 1]
  return Uint8Array.from([...bytes, letter.charCodeAt(0), 0])
}

describe('an entry that builds on what is not here, though all that it names is', function () {
  this.timeout(60_000)
  let twins: TestReplica[]
  let space: Space

  // Mallory makes the space and forges; Ada writes; Bob and Cid receive in different orders
  beforeEach(async () => {
    twins = await openTwins(4)
    space = await twins[0]!.spaces.create({
      kind: 'shared',
      name: 's',
      members: twins.slice(1).map(({ twin }) => twin)
    })
    await exchange(...twins)
  })

  const at = (who: number) => twins[who]!.spaces.get(space.id)!
  const text = async (who: number) => (await at(who).doc(paper)).getText('text').toString()
  const receive = (who: number, run: { log: { twin: Uint8Array; device: number }; run: Uint8Array }) =>
    twins[who]!.spaces.replica.receiveRuns(space.id, [run], run.log)
  const heldAt = (who: number) =>
    at(who)
      .review()
      .logs.map(({ held, rejected, overQuota }) => ({ held, rejected, overQuota }))

  /** Two entries: M after a letter that Ada has not written yet, N after M. */
  async function twoEarly() {
    const first = await forge(twins[0]!, at(0), { update: builtOn(mallory, 0, { client: ada, clock: 2 }, 'M') })
    const update = builtOn(mallory, 1, { client: mallory, clock: 0 }, 'N')
    const second = await forge(twins[0]!, at(0), { first: 2, prev: first.hash, update })
    return [first, second] as const
  }

  async function adaWrites() {
    await at(1).write(paper, doc => doc.getText('text').insert(0, 'abc'))
    return { log: logOf(twins[1]!), run: (await runsOf(twins[1]!, at(1)))[0]! }
  }

  it('is held with all that its author wrote behind it, and both are applied once it is here', async () => {
    const [first, second] = await twoEarly()
    await receive(2, first)
    await receive(2, second)
    expect(await text(2)).to.equal('')
    expect(heldAt(2)).to.deep.equal([{ held: 2, rejected: 0, overQuota: 0 }])
    await receive(2, await adaWrites())
    expect(await text(2)).to.equal('abcMN')
    expect(heldAt(2)).to.deep.equal([])
  })

  it('is applied when this device writes what it waits for, and is so after a restart', async () => {
    for (const run of await twoEarly()) await receive(1, run)
    await at(1).write(paper, doc => doc.getText('text').insert(0, 'ab'))
    expect(await text(1)).to.equal('ab')
    // However often something else was written
    for (let other = 0; other < 9; other++) await at(1).write('text/other', doc => doc.getText('text').insert(0, 'x'))
    await at(1).write(paper, doc => doc.getText('text').insert(2, 'c'))
    expect(await text(1)).to.equal('abcMN')
    expect(heldAt(1)).to.deep.equal([])
    twins[1] = await reopen(twins[1]!)
    expect([await text(1), heldAt(1)]).to.deep.equal(['abcMN', []])
    await exchange(...twins)
    expect(await text(2)).to.equal('abcMN')
  })

  it('ends the same on replicas that got it in another order, live and after a restart', async () => {
    const [first, second] = await twoEarly()
    const early = await adaWrites()
    for (const run of [first, second, early]) await receive(2, run)
    for (const run of [early, first, second]) await receive(3, run)
    expect(await text(2)).to.equal(await text(3))
    for (const who of [2, 3]) {
      await twins[who]!.spaces.stop()
      twins[who] = { ...twins[who]!, spaces: await createSpaces(twins[who]!.init) }
    }
    expect([await text(2), await text(3)]).to.deep.equal(['abcMN', 'abcMN'])
    await at(1).write(paper, doc => doc.getText('text').insert(0, 'z'))
    await exchange(twins[1]!, twins[2]!, twins[3]!)
    expect([await text(2), await text(3)]).to.deep.equal(['zabcMN', 'zabcMN'])
  })

  it('is tried again after a restart', async () => {
    for (const run of await twoEarly()) await receive(2, run)
    await twins[2]!.spaces.stop()
    twins[2] = { ...twins[2]!, spaces: await createSpaces(twins[2]!.init) }
    expect(await text(2)).to.equal('')
    expect(heldAt(2)).to.deep.equal([{ held: 2, rejected: 0, overQuota: 0 }])
    await receive(2, await adaWrites())
    expect(await text(2)).to.equal('abcMN')
  })

  it('keeps behind it what would fit in its place', async () => {
    const [first] = await twoEarly()
    const sly = await forge(twins[0]!, at(0), { first: 2, prev: first.hash, update: insertion(mallory, 'S') })
    const early = await adaWrites()
    for (const run of [first, sly, early]) await receive(2, run)
    for (const run of [early, first, sly]) await receive(3, run)
    expect([await text(2), await text(3)]).to.deep.equal(['abcM', 'abcM'])
    expect([heldAt(2), heldAt(3)]).to.deep.equal(Array(2).fill([{ held: 0, rejected: 1, overQuota: 0 }]))
  })

  it('costs no more memory than the quota of its author, and what is over is reported', async () => {
    let { hash, ...run } = await forge(twins[0]!, at(0), {
      update: builtOn(mallory, 0, { client: ada, clock: 2 }, 'M')
    })
    await receive(2, run)
    for (let seq = 2; seq <= maxHeldEntries + 3; seq++) {
      const update = builtOn(mallory, seq - 1, { client: mallory, clock: seq - 2 }, 'm')
      ;({ hash, ...run } = await forge(twins[0]!, at(0), { first: seq, prev: hash, update }))
      await receive(2, run)
    }
    expect(heldAt(2)).to.deep.equal([{ held: maxHeldEntries + 3, rejected: 0, overQuota: 3 }])
    await receive(2, await adaWrites())
    expect(await text(2)).to.equal(`abcM${'m'.repeat(maxHeldEntries - 1)}`)
    // What was over the quota comes with the next start
    await twins[2]!.spaces.stop()
    twins[2] = { ...twins[2]!, spaces: await createSpaces(twins[2]!.init) }
    await give(twins[1]!, twins[2]!)
    await at(2).flush()
    expect(await text(2)).to.equal(`abcM${'m'.repeat(maxHeldEntries + 2)}`)
    expect(heldAt(2)).to.deep.equal([])
  })
})

function uint(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
