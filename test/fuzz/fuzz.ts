import { seededRandom } from '../bench/statistics.ts'
import { mutate } from './mutate.ts'
import type { FuzzTarget, FuzzTargetFactory } from './target.ts'

const hangMs = 1000
const aliveEvery = 1000
/** A target is made so often at least: what grows from one to the next is a leak. */
const minLives = 5

export interface Finding {
  readonly what: 'crash' | 'hang'
  readonly message: string
  /** Smallest frame found that does it, in hexadecimal; it may need those before it */
  readonly frame: string
  readonly at: number
}

export interface FuzzReport {
  readonly name: string
  readonly frames: number
  readonly findings: readonly Finding[]
  readonly slowestMs: number
  /** Heap and buffers after a collection, against those after the first life of the target; undefined without --expose-gc */
  readonly growthMb?: number
  readonly framesPerSecond: number
}

/** Gives mutated frames to a target and keeps what it could not take. */
export async function fuzz(factory: FuzzTargetFactory, frames: number, seed: number, most = 5): Promise<FuzzReport> {
  const random = seededRandom(seed)
  const findings: Finding[] = []
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): number => unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled).on('uncaughtException', onUnhandled)
  const begin = performance.now()
  let [slowestMs, early, at] = [0, undefined as number | undefined, 0]
  try {
    while (at < frames && findings.length < most) {
      const target = await factory.make()
      const until = Math.min(frames, at + Math.min(factory.lifeFrames, Math.ceil(frames / minLives)))
      for (; at < until && findings.length < most; at++) {
        const frame = mutate(target.seeds, random)
        const { error, ms } = await give(target, frame)
        slowestMs = Math.max(slowestMs, ms)
        const reason = error ?? unhandled.shift()
        if (reason !== undefined) {
          const smallest = error === undefined ? frame : await shrink(factory, frame)
          findings.push({ what: 'crash', message: describe(reason), frame: hex(smallest), at })
        } else if (ms > hangMs && (await isSlow(factory, frame)))
          findings.push({ what: 'hang', message: `${Math.round(ms)} ms`, frame: hex(frame), at })
        if (at % aliveEvery === aliveEvery - 1) await within(target.isAlive())
      }
      await target.stop()
      await new Promise(setImmediate)
      early ??= memory()
    }
  } finally {
    process.off('unhandledRejection', onUnhandled).off('uncaughtException', onUnhandled)
  }
  const seconds = (performance.now() - begin) / 1000
  const late = memory()
  const growthMb = early === undefined || late === undefined ? undefined : (late - early) / 2 ** 20
  return { name: factory.name, frames: at, findings, slowestMs, growthMb, framesPerSecond: at / seconds }
}

async function give(target: FuzzTarget, frame: Uint8Array): Promise<{ error?: unknown; ms: number }> {
  const begin = performance.now()
  try {
    await target.frame(frame)
    return { ms: performance.now() - begin }
  } catch (error) {
    return { error: error ?? new Error('Nothing was thrown'), ms: performance.now() - begin }
  }
}

/** A busy machine makes anything wait once: a hang is one again. */
async function isSlow(factory: FuzzTargetFactory, frame: Uint8Array): Promise<boolean> {
  const target = await factory.make()
  const { ms } = await give(target, frame)
  await target.stop().catch(() => {})
  return ms > hangMs
}

/** Leaves out what is not needed for the crash. */
async function shrink(factory: FuzzTargetFactory, frame: Uint8Array): Promise<Uint8Array> {
  const target = await factory.make()
  let smallest = frame
  for (let size = Math.ceil(frame.length / 2); size > 0; size = Math.floor(size / 2)) {
    for (let from = 0; from + size <= smallest.length; ) {
      const without = Uint8Array.from([...smallest.subarray(0, from), ...smallest.subarray(from + size)])
      if ((await give(target, without)).error === undefined) from += size
      else smallest = without
    }
  }
  await target.stop().catch(() => {})
  return smallest
}

/** A target that does not answer any more hangs, whatever the event loop does. */
async function within(alive: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The target does not answer any more')), 10 * hangMs)
  })
  await Promise.race([alive, late]).finally(() => clearTimeout(timer))
}

function memory(): number | undefined {
  if (globalThis.gc === undefined) return undefined
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function describe(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message).split('\n').slice(0, 6).join(' | ') : String(reason)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
