import { expect } from 'chai'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex } from '../log/index.ts'
import { afterPrefix, hexOf, SpaceKeys } from './keys.ts'
import { firstVersion, versionKey } from './store-version.ts'

const space = bytesToHex(new Uint8Array(32).fill(0xa1))
const [john, marie] = [0x0b, 0x0c].map(seed => new Uint8Array(32).fill(seed)) as [Uint8Array, Uint8Array]

describe('keys of the store', () => {
  it('are the frozen ones', async () => {
    const keys = new SpaceKeys(space)
    const log = SpaceKeys.log(john, 258)
    const seq = SpaceKeys.seq(70_000)
    const current = {
      version: [versionKey, Uint8Array.of(firstVersion)],
      state: keys.state,
      record: `${keys.records}${hexOf(17, 8)}`,
      wrap: `${keys.wraps}${hexOf(3, 8)}/${log}`,
      run: `${keys.runs}${log}/${seq}`,
      head: `${keys.heads}${log}`,
      frontier: `${keys.frontiers}${log}/${SpaceKeys.log(marie, 1)}`,
      mark: `${keys.marks}e/${log}/${seq}`,
      unread: `${keys.marks}d/text/shopping`,
      fork: `${keys.forks}${log}/${seq}`,
      snapshot: `${keys.snapshots}kv/notes/4`,
      covered: keys.snapshots,
      index: `${keys.index}kv/notes/colour`
    }
    const vector = await frozen('store-keys', current)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('of what was set aside, not shown, or written in another history are the frozen ones', async () => {
    const keys = new SpaceKeys(space)
    const log = SpaceKeys.log(john, 258)
    const run = `${log}/${SpaceKeys.seq(70_000)}`
    const current = { unshown: keys.unshown + log, aside: keys.aside + run, otherRun: keys.otherRuns + run }
    const vector = await frozen('store-history-keys', current)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('sort as their numbers do, and read back', () => {
    const numbers = [0, 1, 15, 16, 255, 256, 70_000, 2 ** 32, Number.MAX_SAFE_INTEGER]
    const texts = numbers.map(SpaceKeys.seq)
    expect(texts.toSorted()).to.deep.equal(texts)
    expect(texts.map(text => Number.parseInt(text, 16))).to.deep.equal(numbers)
  })

  it('of one prefix end where the next one begins', () => {
    const { runs } = new SpaceKeys(space)
    expect(`${runs}~` < afterPrefix(runs)).to.equal(true)
    expect(`${runs.slice(0, -1)}1` > afterPrefix(runs)).to.equal(true)
  })
})
