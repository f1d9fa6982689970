import { expect } from 'chai'
import { fuzz } from './fuzz.ts'
import type { FuzzTargetFactory } from './target.ts'
import { targets } from './targets.ts'

const seed = 20_260_101

describe('fuzzed frames', function () {
  this.timeout(60_000)

  for (const target of targets) {
    it(`do not make ${target.name} crash or hang`, async () => {
      const { findings, frames } = await fuzz(target, 200, seed)
      expect(findings).to.deep.equal([])
      expect(frames).to.equal(200)
    })
  }

  it('that do are found, with the smallest frame that does it', async () => {
    const careless: FuzzTargetFactory = {
      name: 'careless',
      lifeFrames: 1000,
      make: async () => ({
        name: 'careless',
        seeds: [Uint8Array.of(1, 2, 3, 4, 5, 6)],
        frame: bytes => {
          if (bytes.includes(0x42)) throw new TypeError('a fault')
        },
        isAlive: async () => {},
        stop: async () => {}
      })
    }
    const { findings } = await fuzz(careless, 20_000, seed, 1)
    expect(findings.map(({ what, frame }) => [what, frame])).to.deep.equal([['crash', '42']])
  })
})
