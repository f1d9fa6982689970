import { quantile, seededRandom } from '../bench/statistics.ts'
import { rigFolder } from './leftovers.ts'
import type { RigFigure, RigOptions } from './rig.ts'
import { nothing, something } from './rig.ts'
import { Tally } from './tally.ts'
import { TwinSubject } from './twin-subject.ts'

/** Latest moment of a kill after the first acknowledgement of the round. */
const latestMs = 400
const ackTimeoutMs = 20_000
const writesInFlight = 32

/** Kills a whole twin at random moments while values are put through its control socket. */
export async function killTwin({ rounds, seed, log }: RigOptions): Promise<RigFigure[]> {
  if (rounds === 0) return []
  const random = seededRandom(seed)
  const tally = new Tally(log)
  const folder = rigFolder('twin')
  const twin = new TwinSubject(`${folder.path}/twin`)
  try {
    await twin.init()
    for (let round = 0; round < rounds; round++) {
      const ackedBefore = twin.ledger.acked.length
      twin.write(writesInFlight)
      await twin.ledger.until(() => twin.ledger.acked.length > ackedBefore, ackTimeoutMs)
      await new Promise(resolve => setTimeout(resolve, random() * latestMs))
      await twin.kill()
      const news = twin.ledger.acked.length - ackedBefore
      tally.acked += news
      if (news > 0) tally.hits++
      tally.add(`twin, round ${round}`, await twin.check())
    }
  } finally {
    await twin.remove()
    folder.remove()
  }
  return [
    something('kills of a whole twin', tally.hits),
    something('acknowledged by the twin', tally.acked),
    nothing('acknowledged by the twin and lost', tally.lost),
    nothing('other problems of the twin', tally.problems),
    { name: 'start of the twin after a kill, median', value: quantile(tally.openMs, 0.5), unit: 'ms' }
  ]
}
