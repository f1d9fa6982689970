import { expect } from 'chai'
import { runRig } from './rigs/run-rig.fixture.ts'

describe('relay, mailbox and replica', function () {
  this.timeout(300_000)

  it('see no word of what is said and written: not on the wire, not on their disks, not in their memory', async function () {
    const figures = await runRig('ciphertext', ['--rounds', '1'])
    if (figures === undefined) return this.skip()
    for (const who of ['relay and mailbox', 'replica']) {
      expect(figures.get(`hits in memory, ${who}`)).equal(0)
      expect(figures.get(`hits on disk, ${who}`)).equal(0)
    }
    expect(figures.get('control: in the memory of the receiver')).greaterThan(0)
    // Undefined, with the reason printed, where nothing can be captured
    expect(figures.get('hits on the wire') ?? 0).equal(0)
  })
})
