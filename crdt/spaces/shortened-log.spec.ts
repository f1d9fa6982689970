import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { decodeRun, encodeRun } from '../log/index.ts'
import { exchange, openTwins, sharedSpace, type TestReplica, text } from './replicas.fixture.ts'
import type { Space } from './space.ts'

describe('a log that was shortened', () => {
  it('waits for no entry that it dropped, when what stands behind that is sent again', async () => {
    const [ann, ben] = (await openTwins(2)) as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace([ann, ben])) as [Space, Space]
    const log = ann.spaces.replica.self
    /** Keys that fall into several documents, so that a run has several entries. */
    const write = async () => {
      await Promise.all([...'abcdefghijklmnop'].map(key => keyValue(here, 'n').put(key, text('x'))))
      for (let round = 0; round < 2; round++) await exchange(ann, ben)
      const runs: Uint8Array[] = []
      for await (const run of ann.spaces.replica.runs(here.id, log, 0)) runs.push(run)
      return decodeRun(runs.at(-1)!)
    }
    const dropped = await write()
    expect((await there.compact()).dropped).equal(dropped.entries.length)
    const kept = await write()
    // As in a session that has sent the entry before these
    const entries = [...dropped.entries.slice(1), ...kept.entries]
    const run = encodeRun({ ...kept, first: dropped.first + 1, prev: undefined, entries })
    const { accepted, held } = await ben.spaces.replica.receiveRuns(here.id, [{ log, run }], log)
    expect([accepted, held, there.review().logs]).deep.equal([0, 0, []])
  })
})
