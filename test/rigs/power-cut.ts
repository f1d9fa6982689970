import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { quantile, seededRandom } from '../bench/statistics.ts'
import { Checker } from './checker.ts'
import { makeIdentity } from './identity.ts'
import { Ledger } from './ledger.ts'
import { Mounts } from './mounts.ts'
import type { RigOptions, RigResult } from './rig.ts'
import { something } from './rig.ts'
import { Tally } from './tally.ts'
import { WriterProcess } from './writer-process.ts'

/** xfs makes nothing below 300 MB; neither image takes room that is not written. */
const [hostBytes, diskBytes] = [2 ** 31, 2 ** 29]
const cutsPerStore = 10
/** Latest moment of a cut: of the first after the order to write, so that it may hit while the store is made, then after news. */
const latestMs = 200
const writesInFlight = [1, 16, 64, 128]
const controlCuts = 5
/** Acknowledgements before the first cut of a control, which is not about the making of a store. */
const controlAcked = 100
const openTimeoutMs = 20_000

/**
 * Cuts the power of a disk: an ext4 image lies in an xfs that can copy it at one moment, whatever its cache had not written yet is
 * not in the copy. Each copy is opened and held against what was acknowledged before it was made.
 */
export async function powerCut(options: RigOptions): Promise<RigResult> {
  const disk = new PowerDisk()
  try {
    const tally = new Tally(options.log)
    await cutStores(disk, options, tally)
    const control = new Tally(() => {})
    if (options.control === undefined) {
      const seed = options.seed + 1
      await cutStores(
        disk,
        { ...options, rounds: Math.min(controlCuts, options.rounds), seed, control: 'no-sync' },
        control
      )
    }
    return {
      rig: 'powercut',
      seed: options.seed,
      figures: [
        ...tally.figures('power cuts'),
        { name: 'opening after a cut, median', value: quantile(tally.openMs, 0.5), unit: 'ms' },
        { name: 'opening after a cut, slowest', value: quantile(tally.openMs, 1), unit: 'ms' },
        ...(options.control === undefined ? [something('lost by the control without sync', control.lost)] : [])
      ],
      notRun: []
    }
  } finally {
    disk.end()
  }
}

async function cutStores(disk: PowerDisk, options: RigOptions, tally: Tally): Promise<void> {
  const { seed, rounds, control } = options
  const random = seededRandom(seed)
  for (let done = 0; done < rounds; done += cutsPerStore) {
    const [me, reader] = [await makeIdentity(), await makeIdentity()]
    const checker = new Checker(me, reader)
    const ledger = new Ledger()
    const writer = new WriterProcess()
    const inFlight = writesInFlight[Math.floor(random() * writesInFlight.length)]!
    const name = `store-${tally.rounds}-${control ?? 'sound'}`
    try {
      await writer.write({ dir: disk.path(name), me, reader, first: 1, inFlight, control }, ledger)
      if (control === 'no-sync') await ledger.until(() => ledger.acked.length >= controlAcked, openTimeoutMs)
      for (let round = 0; round < Math.min(cutsPerStore, rounds - done); round++) {
        const ackedBefore = ledger.acked.length
        if (round > 0) await ledger.until(() => ledger.acked.length > ackedBefore, openTimeoutMs)
        await new Promise(resolve => setTimeout(resolve, random() * latestMs))
        // First the list, then the disk: what is acknowledged in between may be on it, and need not
        const acked = [...ledger.acked]
        const copy = disk.cut()
        writer.pause()
        try {
          const news = acked.length - ackedBefore
          tally.acked += news
          if (acked.length > 0) tally.hits++
          tally.add(`cut ${done + round}`, await checker.check(copy.path(name), acked))
        } finally {
          copy.end()
          writer.resume()
        }
      }
      if (writer.failure !== '') tally.say(`cut ${done}: the writer failed: ${writer.failure}`)
    } finally {
      await writer.kill()
      await rm(disk.path(name), { recursive: true, force: true })
    }
    if (rounds > cutsPerStore) options.log(`${Math.min(done + cutsPerStore, rounds)} of ${rounds} cuts`)
  }
}

/** A disk whose power can be cut. */
class PowerDisk {
  readonly #mounts = new Mounts()
  readonly #image: string
  readonly #disk: string

  constructor() {
    const mounts = this.#mounts
    try {
      const host = mounts.image(mounts.path('host.img'), hostBytes)
      mounts.format('mkfs.xfs', '-q', '-m', 'reflink=1', host)
      mounts.mount(mounts.path('host'), '-t', 'xfs', '-o', 'loop', host)
      this.#image = mounts.image(mounts.path('host', 'disk.img'), diskBytes)
      mounts.format('mkfs.ext4', '-q', this.#image)
      this.#disk = mounts.mount(mounts.path('disk'), '-t', 'ext4', '-o', 'loop', this.#image)
    } catch (error) {
      mounts.end()
      throw error
    }
  }

  path(name: string): string {
    return `${this.#disk}/${name}`
  }

  /** What is on the disk at this moment, as the next start would find it. */
  cut(): { path(name: string): string; end(): void } {
    const mounts = this.#mounts
    const copy = mounts.path('host', 'copy.img')
    execFileSync('cp', ['--reflink=always', this.#image, copy])
    const at = mounts.mount(mounts.path('copy'), '-t', 'ext4', '-o', 'loop', copy)
    const end = () => {
      mounts.unmount(at)
      rmSync(copy)
    }
    return { path: name => `${at}/${name}`, end }
  }

  end(): void {
    this.#mounts.end()
  }
}
