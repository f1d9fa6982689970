import type { Writable } from 'node:stream'
import { duration } from './words.ts'

export interface Progress {
  /** `done` of the total so far */
  update(done: number): void
  /** Clears the line, and tells the sum when there was something to tell */
  end(): void
}

const silent: Progress = { update: () => {}, end: () => {} }
const showAfterMs = 1000
const intervalMs = 100

/** A line that redraws itself on a terminal, and one line every ten seconds elsewhere. */
export function createProgress(
  stream: Writable & { isTTY?: boolean },
  label: string,
  total: number | undefined,
  isSilent: boolean,
  clock: () => number = () => performance.now()
): Progress {
  if (isSilent) return silent
  const started = clock()
  let lastDrawn = started + showAfterMs - intervalMs
  let last = 0
  let isShown = false
  return {
    update: done => {
      last = done
      const now = clock()
      if (now - lastDrawn < (stream.isTTY ? intervalMs : 10_000) || now - started < showAfterMs) return
      lastDrawn = now
      isShown = true
      const rate = Math.round(done / ((now - started) / 1000))
      const share =
        total === undefined ? '' : ` of ${total.toLocaleString('en')} (${Math.floor((100 * done) / total)} %)`
      const text = `${label}: ${done.toLocaleString('en')}${share}, ${rate.toLocaleString('en')}/s`
      stream.write(stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
    },
    end: () => {
      if (!isShown) return
      if (stream.isTTY) stream.write('\r\x1b[K')
      stream.write(`${label}: ${last.toLocaleString('en')} in ${duration(clock() - started)}\n`)
    }
  }
}

/** Says on a terminal what takes longer than a second, and takes it back when it is over. */
export async function whileWaiting<T>(
  stream: Writable & { isTTY?: boolean },
  label: string,
  task: Promise<T>
): Promise<T> {
  if (stream.isTTY !== true) return task
  let isShown = false
  const timer = setTimeout(() => {
    isShown = true
    stream.write(`${label}…`)
  }, showAfterMs)
  try {
    return await task
  } finally {
    clearTimeout(timer)
    if (isShown) stream.write('\r\x1b[K')
  }
}

/** Hands items on; says on a terminal that the next one takes longer than a second. */
export async function* eachWaiting<T>(
  stream: Writable & { isTTY?: boolean },
  label: string,
  items: AsyncIterable<T>
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const result = await whileWaiting(stream, label, iterator.next())
      if (result.done) return
      yield result.value
    }
  } finally {
    await iterator.return?.()
  }
}
