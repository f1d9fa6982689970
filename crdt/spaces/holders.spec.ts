import { expect } from 'chai'
import type { Batch } from '../store/index.ts'
import type { Durability } from './durability.ts'
import { Holders } from './holders.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

const key = (byte: number) => new Uint8Array(32).fill(byte)
const absentMs = 1000

/** A space of two twins, Ada with two devices and Bo with one; what each of them says to hold of the log of Ada's first, which looks. */
function scene() {
  const [ada, bo] = [key(1), key(2)]
  const device = (twin: Uint8Array, number: number) => ({ twin, number, signing: key(twin[0]! * 16 + number) })
  const [first, second, bos] = [device(ada, 0), device(ada, 1), device(bo, 0)]
  const held = new Map([
    [second, 0],
    [bos, 0]
  ])
  const listOf = (twin: Uint8Array, listKeeper: Uint8Array) => ({
    keeper: listKeeper,
    isRevoked: () => false,
    device: () => ({ certificate: { role: 'node' } }),
    devices: () =>
      [first, second, bos]
        .filter(item => item.twin === twin)
        .map(({ number, signing }) => ({ number, certificate: { signing, role: 'node' } }))
  })
  const keepers = { ofSpace: first.signing, ofAda: first.signing }
  let now = 0
  const context = {
    me: { twin: ada, device: 0 },
    clock: () => now,
    keys: { waiting: 'waiting' },
    membership: {
      view: { members: [{ twin: ada }, { twin: bo }] },
      get keeper() {
        return keepers.ofSpace
      }
    },
    directory: { get: (twin: Uint8Array) => listOf(twin, twin === ada ? keepers.ofAda : bos.signing) }
  } as unknown as SpaceContext
  const durability = {
    of: () => [...held].map(([{ twin, number }, seq]) => ({ by: { twin, device: number }, seq }))
  } as unknown as Durability
  const log = { id: { twin: ada, device: 0 }, seq: 100 } as unknown as SpaceLog
  const batch = { put: () => {}, del: () => {} } as unknown as Batch
  const holders = new Holders(context, durability, absentMs)
  return {
    holders,
    keepers,
    second,
    held,
    bos,
    log,
    /** Looks, lets the time pass after which a device is away, and answers how far the log may be shortened. */
    afterAbsence() {
      holders.look(batch, new Map([[log, 100]]))
      now += absentMs
      return holders.limitOf(log, 100)
    }
  }
}

describe('who holds what of a space', () => {
  it('lets a log be shortened beyond what a device holds that is away for long', () => {
    const { holders, held, bos, log, afterAbsence } = scene()
    held.set(bos, 100)
    expect(holders.limitOf(log, 100)).to.equal(0)
    expect(afterAbsence()).to.equal(100)
  })

  // Such a device may have taken over since the milestone was signed, and its cuts cover what it holds
  for (const keeper of ['ofSpace', 'ofAda'] as const) {
    it(`never counts the device as away that decides about ${keeper === 'ofSpace' ? 'members' : 'devices'}`, () => {
      const { held, second, bos, keepers, afterAbsence } = scene()
      held.set(bos, 100).set(second, 40)
      keepers[keeper] = second.signing
      expect(afterAbsence()).to.equal(40)
    })
  }

  it('does not count what decides about the devices of another twin', () => {
    const { held, second, afterAbsence } = scene()
    held.set(second, 100)
    expect(afterAbsence()).to.equal(100)
  })
})
