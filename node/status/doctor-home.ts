import { statfs } from 'node:fs/promises'
import type { NodeCheck } from '../control/index.ts'
import type { NodeComponents } from './components.ts'

const about = 'this twin'
/** What a synced write takes at the most on a disk that works, however busy. */
const storeTimeoutMs = 10_000
const lowDiskBytes = 256 * 1024 * 1024

/** Whether a write reaches the disk, tried with one; then whether there is room for more. */
export async function* checkHome({ home, spaces }: NodeComponents, signal: AbortSignal): AsyncGenerator<NodeCheck> {
  const failure = await within(spaces.probe(), signal)
  const free = await statfs(home.folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined
  )
  if (failure !== undefined) {
    const detail = `The store takes no writes. ${failure.message}`.slice(0, 500)
    yield { about, step: 'home', result: 'problem', detail, next: nextFor(home.folder, free).slice(0, 500) }
  } else if (free !== undefined && free < lowDiskBytes) {
    const detail = `Only ${Math.floor(free / 1024 / 1024)} MiB are free`
    yield { about, step: 'home', result: 'problem', detail, next: 'Free some space' }
  } else yield { about, step: 'home', result: 'good', detail: 'The store takes writes' }
}

/** Why it failed, or that it did not end in time; undefined when it went well. */
function within(work: Promise<void>, signal: AbortSignal): Promise<Error | undefined> {
  return new Promise(resolve => {
    const end = (failure: Error | undefined) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(failure)
    }
    const stop = () => end(new Error('The check was ended before the disk answered'))
    const timer = setTimeout(
      () => end(new Error(`The disk did not answer in ${storeTimeoutMs / 1000} s`)),
      storeTimeoutMs
    )
    signal.addEventListener('abort', stop, { once: true })
    work.then(
      () => end(undefined),
      (cause: unknown) => end(cause instanceof Error ? cause : new Error('The reason is not known', { cause }))
    )
  })
}

function nextFor(folder: string, free: number | undefined): string {
  if (free === undefined) return `See whether ${folder} is still there, then start the twin again`
  if (free < lowDiskBytes) return 'Free some space and look again; what was acknowledged is kept'
  return `See whether the disk works and ${folder} is writable for the user who runs the twin, then start the twin again`
}
