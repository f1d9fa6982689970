import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { openTwins, text } from './replicas.fixture.ts'
import type { Space } from './space.ts'

/** A private space with something to compact, and how many turns its group commits have taken so far. */
async function grown(): Promise<{ space: Space; turns: () => number }> {
  let turns = 0
  const [twin] = await openTwins(1, {
    defer: run => {
      turns++
      setImmediate(run)
    }
  })
  const space = twin!.spaces.self
  const table = keyValue(space, 'n')
  for (let key = 0; key < 6; key++) await table.put(`k${key}`, text(`${key}`))
  return { space, turns: () => turns }
}

describe('the pace of compaction', function () {
  this.timeout(60_000)

  it('is that of the disk while nobody writes', async () => {
    const { space, turns } = await grown()
    const before = turns()
    expect((await space.compact()).dropped).to.be.greaterThan(0)
    expect(turns() - before).to.be.lessThan(1000)
  })

  it('leaves most groups to those who write meanwhile', async () => {
    const { space } = await grown()
    const table = keyValue(space, 'n')
    let isOver = false
    const compacted = space.compact().finally(() => {
      isOver = true
    })
    let writes = 0
    for (; !isOver; writes++) await table.put('k1', text(`${writes}`))
    expect((await compacted).reason).to.equal(undefined)
    expect(writes).to.be.greaterThan(500)
  })
})
