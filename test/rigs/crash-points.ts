import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Checker } from './checker.ts'
import { makeIdentity } from './identity.ts'
import { Ledger } from './ledger.ts'
import { rigFolder } from './leftovers.ts'
import type { RigFigure, RigOptions } from './rig.ts'
import { nothing, something } from './rig.ts'
import { Tally } from './tally.ts'
import { WriterProcess } from './writer-process.ts'

/** Calls at which the database makes something lasting, or makes it the newest. */
const syscalls = ['fdatasync', 'rename']
const items = 200
/** Rounds of random kills for one crash point of each call; there are no more than fit into the script. */
const roundsPerPoint = 20

/** The same small script again and again, killed before its first sync, its second, and so on until it comes through. */
export async function crashPoints(options: RigOptions): Promise<{ figures: RigFigure[]; notRun: string[] }> {
  if (options.rounds === 0) return { figures: [], notRun: [] }
  if (spawnSync('strace', ['-V']).status !== 0) return { figures: [], notRun: ['crash points: needs strace'] }
  if (spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0) {
    return { figures: [], notRun: ['crash points: strace may not trace here'] }
  }
  const tally = new Tally(options.log)
  const folder = rigFolder('points')
  const most = Math.ceil(options.rounds / roundsPerPoint)
  try {
    for (const syscall of syscalls) {
      for (let when = 1; when <= most; when++) {
        if (!(await runTo({ syscall, when }, folder.path, tally, options))) break
      }
    }
  } finally {
    folder.remove()
  }
  return {
    figures: [
      something(`crash points (before the k-th ${syscalls.join(', ')})`, tally.hits),
      { name: 'acknowledged before a crash point', value: tally.acked },
      nothing('acknowledged and lost at a crash point', tally.lost),
      nothing('other problems at a crash point', tally.problems)
    ],
    notRun: []
  }
}

/** Whether the point was reached: the script ended before it otherwise. */
async function runTo(
  point: { syscall: string; when: number },
  folder: string,
  tally: Tally,
  { control }: RigOptions
): Promise<boolean> {
  const [me, reader] = [await makeIdentity(), await makeIdentity()]
  const dir = join(folder, `${point.syscall}-${point.when}`)
  const ledger = new Ledger()
  const writer = new WriterProcess(point)
  await writer.write({ dir, me, reader, first: 1, inFlight: 4, count: items, control }, ledger)
  await writer.exited
  if (writer.failure !== '') tally.say(`${point.syscall} ${point.when}: the writer failed: ${writer.failure}`)
  tally.acked += ledger.acked.length
  if (!writer.isDone) tally.hits++
  tally.add(`before ${point.syscall} ${point.when}`, await new Checker(me, reader).check(dir, ledger.acked))
  await rm(dir, { recursive: true, force: true })
  return !writer.isDone
}
