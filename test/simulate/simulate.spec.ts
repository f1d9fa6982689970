import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { addCounts, missingInAll, missingInOne, newCounts } from './counts.ts'
import { optionsOf } from './options.ts'
import { simulate } from './simulation.ts'
import type { SimulationOptions } from './world.ts'

/** `npm run simulate` takes as many as one likes. */
const seeds = [1, 2, 4, 5]
const realSeeds = [7]
/** A run of its own that is over soon */
const short = { steps: 40 }

async function expectNoViolation(options: SimulationOptions) {
  const result = await simulate(options)
  const again = `npm run simulate -- --seeds 1 --seed ${options.seed}${options.realCrypto ? ' --real-crypto' : ''}`
  expect(result.violations, `${again}\n${JSON.stringify(options)}`).to.deep.equal([])
  return result
}

describe('simulation of eight twins', function () {
  this.timeout(300_000)

  it('shows the same replicas after partitions, loss, crashes and full disks, and loses nothing acknowledged', async () => {
    const counts = newCounts()
    for (const seed of seeds) addCounts(counts, (await expectNoViolation(optionsOf(seed))).counts)
    expect(counts.partitions).to.be.at.least(10 * seeds.length)
    expect(counts.messagesLost / counts.messages).to.be.greaterThan(0.03)
    for (const fault of ['crashes', 'failedWrites', 'oneWayPartitions', 'reordered'] as const) {
      expect(counts[fault], fault).to.be.greaterThan(0)
    }
  })

  it('shows it with real cryptography', async () => {
    for (const seed of realSeeds) {
      const { counts } = await expectNoViolation(optionsOf(seed, { realCrypto: true }))
      expect(counts.acknowledged).to.be.greaterThan(50)
    }
  })

  it('is the same from the first event to the last when it is run again', async () => {
    for (const realCrypto of [false, true]) {
      const options = optionsOf(11, { realCrypto, ...short })
      const [one, other] = [await simulate(options), await simulate(options)]
      expect(one.hash).to.equal(other.hash)
      expect(one.counts).to.deep.equal(other.counts)
      expect(one.violations).to.deep.equal([])
    }
  })

  it('finds out about disks that say "synced" and are not', async () => {
    const { violations, counts } = await simulate(optionsOf(1, { disksSync: false }))
    expect(violations.join('\n')).to.match(/has lost|has another entry/)
    expect(counts.lost).to.be.greaterThan(0)
  })

  it('runs by its command, in processes of their own, to the sum of all seeds', async () => {
    const run = fileURLToPath(new URL('./run.js', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [
      run,
      '--seeds',
      '3',
      '--seed',
      '21',
      '--workers',
      '2'
    ])
    expect(stdout.match(/^seed \d+: event log/gm)).to.have.length(3)
    expect(stdout).to.match(/^3 seeds, .* 0 diverged, 0 lost, 0 failed$/m)
  })

  it('crashes a twin also where chance would not have', async () => {
    const { counts } = await expectNoViolation(optionsOf(502120))
    expect(counts.crashes).to.be.greaterThan(0)
    const { violations } = await simulate(optionsOf(3, { crashEveryMs: 1e9, ...short }))
    expect(violations).to.deep.equal([])
  })

  it('fails when a fault never happened', async () => {
    const { violations } = await simulate(optionsOf(3, { crashEveryMs: Number.POSITIVE_INFINITY, ...short }))
    expect(violations).to.include('crashes is 0')
    expect(missingInOne(newCounts(), 10)).to.include('partitions is 0, not 10')
    expect(missingInAll(newCounts(), 20)).to.include('oneWayPartitions is 0')
    expect(missingInAll(newCounts(), 1)).to.deep.equal([])
  })
})
