import { expect } from 'chai'
import {
  HeldEntries,
  type HeldEntry,
  maxHeldBytes,
  maxHeldEntries,
  maxHeldOfSpace,
  maxHeldOfTwin
} from './held-entries.ts'
import type { SpaceLog } from './space-log.ts'

const entry = (member: number, device: number, seq: number, size = 1): HeldEntry => ({
  // Only the author is asked for
  log: { client: member * 0x10000 + device } as SpaceLog,
  seq,
  time: 0,
  origin: '',
  update: new Uint8Array(size),
  tries: 0
})

/** How many entries of a device are kept, of one more than a device may have. */
function fill(held: HeldEntries, member: number, device: number): number {
  let kept = 0
  for (let seq = 0; seq <= maxHeldEntries; seq++) if (held.add('text', entry(member, device, seq))) kept++
  return kept
}

describe('entries that are held', () => {
  it('of all devices of one twin are no more than its share, and leave that of others', () => {
    const held = new HeldEntries()
    const kept = Array.from({ length: 100 }, (_, device) => fill(held, 1, device + 1))
    expect(kept.reduce((sum, each) => sum + each, 0)).equal(maxHeldOfTwin * maxHeldEntries)
    expect(fill(held, 2, 1)).equal(maxHeldEntries)
  })

  it('are bounded over all authors of a space, in number and in bytes, and leave room again when they go', () => {
    const held = new HeldEntries()
    const kept = Array.from({ length: 100 }, (_, member) => fill(held, member + 1, 1))
    expect(kept.reduce((sum, each) => sum + each, 0)).equal(maxHeldOfSpace * maxHeldEntries)
    held.remove('text', entry(1, 1, 0))
    expect(held.add('text', entry(200, 1, 0))).equal(false)
    const [first] = held.firsts('text')
    held.remove('text', first!)
    expect(held.add('text', entry(200, 1, 0))).equal(true)
    const large = new HeldEntries()
    const taken = Array.from({ length: 40 }, (_, member) => large.add('text', entry(member + 1, 1, 0, maxHeldBytes)))
    expect(taken.filter(Boolean)).length(maxHeldOfSpace)
  })
})
