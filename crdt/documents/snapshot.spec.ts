import { expect } from 'chai'
import { frozen } from '../frozen.fixture.ts'
import { hexToBytes } from '../log/index.ts'
import { decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot.ts'

const twin = (seed: number) => new Uint8Array(32).fill(seed)

const snapshots: Record<string, Snapshot> = {
  document: {
    frontier: [
      [twin(8), 1, 70_000],
      [twin(9), 65_535, 2 ** 40]
    ],
    state: Uint8Array.of(0, 0)
  },
  covered: { frontier: [[twin(8), 1, 1]], state: new Uint8Array() },
  empty: { frontier: [], state: new Uint8Array() }
}

describe('snapshots', () => {
  it('have the bytes that were frozen, and those bytes still mean the same', async () => {
    const current = Object.entries(snapshots).map(([name, snapshot]) => [name, encodeSnapshot(snapshot)])
    const vector = await frozen('snapshot', Object.fromEntries(current))
    expect(vector.current).to.deep.equal(vector.frozen)
    for (const [name, hex] of Object.entries(vector.frozen as Record<string, string>)) {
      expect(decodeSnapshot(hexToBytes(hex)), name).to.deep.equal(snapshots[name])
    }
  })

  it('that are none are left out, so that the log is read', () => {
    for (const hex of ['', '80', '83028040', '830180', '8301818040', `830181835820${'08'.repeat(32)}1a000100000140`]) {
      expect(decodeSnapshot(hexToBytes(hex)), hex).to.equal(undefined)
    }
  })
})
