import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { quantile, seededRandom } from '../bench/statistics.ts'
import { Checker } from './checker.ts'
import { crashPoints } from './crash-points.ts'
import { makeIdentity } from './identity.ts'
import { killTwin } from './kill-twin.ts'
import { Ledger } from './ledger.ts'
import { rigFolder } from './leftovers.ts'
import type { RigFigure, RigOptions, RigResult } from './rig.ts'
import { something } from './rig.ts'
import { Tally } from './tally.ts'
import { WriterProcess } from './writer-process.ts'

/** Rounds after which a new store is begun: making one is worth a kill too, and checks read the whole store. */
const roundsPerStore = 25
/** Latest moment of a kill after the first acknowledgement; one in so many comes earlier, while the store is made or opened. */
const [latestMs, earlyEvery, latestEarlyMs] = [300, 5, 200]
const ackTimeoutMs = 20_000
const writesInFlight = [1, 16, 64, 128]
const controlRounds = 3
/** Rounds of a store for one of a whole twin, unless that is given. */
const roundsPerTwinRound = 50
const itemsPerRound = 1_000_000

/** Kills a process that writes at random moments, and looks at its store each time. */
export async function kill(options: RigOptions): Promise<RigResult> {
  const { rounds, seed, twinRounds = Math.ceil(rounds / roundsPerTwinRound) } = options
  const points = await crashPoints(options)
  return {
    rig: 'kill',
    seed,
    figures: [
      ...(rounds > 0 ? await storeFigures(options) : []),
      ...points.figures,
      ...(await killTwin({ ...options, rounds: twinRounds }))
    ],
    notRun: points.notRun
  }
}

async function storeFigures(options: RigOptions): Promise<RigFigure[]> {
  const tally = new Tally(options.log)
  await killStores(options, tally)
  const figures = [
    ...tally.figures('kills'),
    { name: 'opening after a kill, median', value: quantile(tally.openMs, 0.5), unit: 'ms' },
    { name: 'opening after a kill, slowest', value: quantile(tally.openMs, 1), unit: 'ms' }
  ]
  if (options.control !== undefined) return figures
  const control = new Tally(() => {})
  await killStores({ ...options, rounds: controlRounds, control: 'early', log: () => {} }, control)
  return [...figures, something('lost by the control that does not wait for the write', control.lost)]
}

async function killStores(options: RigOptions, tally: Tally): Promise<void> {
  const random = seededRandom(options.seed)
  const folder = rigFolder('kill')
  let spare = new WriterProcess()
  try {
    for (let done = 0; done < options.rounds; done += roundsPerStore) {
      const [me, reader] = [await makeIdentity(), await makeIdentity()]
      const checker = new Checker(me, reader)
      const dir = join(folder.path, `store-${done}`)
      const ledger = new Ledger()
      for (let round = 0; round < Math.min(roundsPerStore, options.rounds - done); round++) {
        const ackedBefore = ledger.acked.length
        const writer = spare
        const inFlight = writesInFlight[Math.floor(random() * writesInFlight.length)]!
        const first = round * itemsPerRound + 1
        const { control } = options
        await writer.write({ dir, me, reader, first, inFlight, control }, ledger)
        // The next one warms up meanwhile
        spare = new WriterProcess()
        const isEarly = round % earlyEvery === 0
        if (!isEarly) await ledger.until(() => ledger.acked.length > ackedBefore, ackTimeoutMs)
        await wait(random() * (isEarly ? latestEarlyMs : latestMs))
        await writer.kill()
        if (writer.failure !== '') tally.say(`round ${done + round}: the writer failed: ${writer.failure}`)
        const news = ledger.acked.length - ackedBefore
        tally.acked += news
        if (news > 0) tally.hits++
        tally.add(`round ${done + round}`, await checker.check(dir, ledger.acked))
      }
      await rm(dir, { recursive: true, force: true })
      if (done % 100 === 0) options.log(`${Math.min(done + roundsPerStore, options.rounds)} of ${options.rounds} kills`)
    }
  } finally {
    await spare.kill()
    folder.remove()
  }
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
