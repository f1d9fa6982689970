import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { quantile, seededRandom } from '../bench/statistics.ts'
import type { Check } from './checker.ts'
import type { Ledger } from './ledger.ts'
import { Mounts } from './mounts.ts'
import { nothing, type RigFigure, type RigOptions, type RigResult, something } from './rig.ts'
import { StoreSubject } from './store-subject.ts'
import { Tally } from './tally.ts'
import { TwinSubject } from './twin-subject.ts'

const diskBytes = 64 * 2 ** 20
/** Room that the ballast leaves, between these: it ends within a log of the database, or while a table is made of one. */
const [leastRoom, mostRoom] = [2 ** 18, 8 * 2 ** 20]
/** Room for a control, which has to fail within a log. */
const controlRoom = 2 ** 19
const inFlight = 16
const enoughAcked = 50
/** Milliseconds that the disk stays full while values are read and writes are tried. */
const fullMs = 500
const timeoutMs = 20_000
/** What was promised: works again without a restart by hand. */
const recoveryGoalMs = 5000
const controlRounds = 3
/** Rounds of a store for one of a whole twin, unless that is given. */
const roundsPerTwinRound = 5

/** What can be written to, read from, killed and checked. */
interface Subject {
  readonly ledger: Ledger
  init(): Promise<void>
  write(inFlight: number): Promise<void> | void
  read(item: number): Promise<boolean>
  kill(): Promise<void>
  check(): Promise<Check>
  remove(): Promise<void>
}

interface Sums {
  readonly tally: Tally
  readonly recoveryMs: number[]
  reads: number
  failedReads: number
  refusals: number
}

/** Fills a small disk under a store that writes, reads from it while it is full, gives room back, and kills it later. */
export async function diskFull(options: RigOptions): Promise<RigResult> {
  const { rounds, seed, log, twinRounds = Math.ceil(rounds / roundsPerTwinRound) } = options
  const results: RigFigure[] = []
  if (rounds > 0) results.push(...figures(await fillStores(options), 'disks filled under a store'))
  if (rounds > 0 && options.control === undefined) {
    const { tally } = await fillStores({
      rounds: Math.min(controlRounds, rounds),
      seed: seed + 1,
      control: 'same-handle',
      log: () => {}
    })
    results.push(something('lost by the control that keeps the handle', tally.lost))
  }
  if (twinRounds > 0) {
    const twins = await fill({ rounds: twinRounds, seed, log }, async folder => new TwinSubject(`${folder}/twin`))
    results.push(...figures(twins, 'disks filled under a whole twin', rounds > 0 ? ', twin' : ''))
  }
  return { rig: 'diskfull', seed, figures: results, notRun: [] }
}

function figures({ tally, refusals, reads, failedReads, recoveryMs }: Sums, name: string, of = ''): RigFigure[] {
  const slowest = quantile(recoveryMs, 1)
  const all = [
    ...tally.figures(name),
    something('writes refused while full', refusals),
    something('reads while full', reads),
    nothing('reads that failed while full', failedReads),
    { name: 'works again after, median', value: quantile(recoveryMs, 0.5), unit: 'ms' },
    {
      name: 'works again after, slowest',
      value: slowest,
      unit: 'ms',
      ...(!(slowest < recoveryGoalMs) && { wrong: `has to be under ${recoveryGoalMs} ms` })
    }
  ]
  return all.map(figure => ({ ...figure, name: `${figure.name}${of}` }))
}

function fillStores(options: RigOptions): Promise<Sums> {
  return fill(options, folder => StoreSubject.create(`${folder}/store`, options.control))
}

async function fill(
  { rounds, seed, control, log }: RigOptions,
  create: (folder: string) => Promise<Subject>
): Promise<Sums> {
  const random = seededRandom(seed)
  const sums: Sums = { tally: new Tally(log), recoveryMs: [], reads: 0, failedReads: 0, refusals: 0 }
  for (let round = 0; round < rounds; round++) {
    const mounts = new Mounts()
    try {
      const folder = round % 2 === 0 ? memoryDisk(mounts) : fileDisk(mounts)
      const subject = await create(folder)
      const room = control === undefined ? leastRoom + random() * (mostRoom - leastRoom) : controlRoom
      try {
        await fillOnce(subject, folder, room, sums, `disk ${round}`, random)
      } finally {
        await subject.remove()
      }
    } finally {
      mounts.end()
    }
  }
  return sums
}

async function fillOnce(
  subject: Subject,
  folder: string,
  room: number,
  sums: Sums,
  where: string,
  random: () => number
): Promise<void> {
  const { tally } = sums
  const { ledger } = subject
  await subject.init()
  await subject.write(inFlight)
  await ledger.until(() => ledger.acked.length >= enoughAcked, timeoutMs)
  const ballast = `${folder}/ballast`
  takeRoom(ballast, folder, room)
  if (await ledger.until(() => ledger.refusals > 0, timeoutMs)) tally.hits++
  else tally.say(`${where}: no write was refused`)
  const fullUntil = Date.now() + fullMs
  while (Date.now() < fullUntil) {
    sums.reads++
    if (!(await subject.read(ledger.acked[Math.floor(random() * ledger.acked.length)]!))) sums.failedReads++
    // Lets the writes in between
    await new Promise(resolve => setImmediate(resolve))
  }
  sums.refusals += ledger.refusals
  // Whoever is acknowledged from here on was asked for when there was room
  const asked = ledger.issued + inFlight
  const acked = ledger.acked.length
  rmSync(ballast)
  const freedAt = performance.now()
  const works = await ledger.until(() => ledger.acked.slice(acked).some(item => item > asked), timeoutMs)
  sums.recoveryMs.push(works ? performance.now() - freedAt : Number.POSITIVE_INFINITY)
  if (!works) tally.say(`${where}: no write in ${timeoutMs} ms after there was room: ${ledger.refusal}`)
  else await ledger.until(() => ledger.acked.length >= acked + enoughAcked * 4, timeoutMs)
  await subject.kill()
  tally.acked += ledger.acked.length
  tally.add(where, await subject.check())
}

function memoryDisk(mounts: Mounts): string {
  return mounts.mount(mounts.path('disk'), '-t', 'tmpfs', '-o', `size=${diskBytes},mode=0700`, 'tmpfs')
}

function fileDisk(mounts: Mounts): string {
  const image = mounts.image(mounts.path('disk.img'), diskBytes)
  // Nothing is kept back for root, which the writer is
  mounts.format('mkfs.ext4', '-q', '-m', '0', image)
  return mounts.mount(mounts.path('disk'), '-t', 'ext4', '-o', 'loop', image)
}

/** Fills the disk but for some room. */
function takeRoom(path: string, folder: string, room: number): void {
  const chunk = new Uint8Array(2 ** 16)
  const file = openSync(path, 'w')
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(folder)
      if (bavail * bsize <= room + chunk.length) return
      writeSync(file, chunk)
    }
  } catch (cause) {
    // The writer was faster
    if ((cause as { code?: string }).code !== 'ENOSPC') throw cause
  } finally {
    closeSync(file)
  }
}
