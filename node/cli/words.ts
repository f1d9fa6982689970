import { sanitize } from './style.ts'

const units: readonly (readonly [number, string])[] = [
  [365 * 86_400_000, 'year'],
  [30 * 86_400_000, 'month'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute']
]

/** `just now`, `5 minutes ago`, `in 2 days`. */
export function relativeTime(at: number, now: number): string {
  const gap = Math.abs(now - at)
  for (const [size, unit] of units) {
    if (gap < size) continue
    const count = Math.floor(gap / size)
    const phrase = `${count} ${unit}${count === 1 ? '' : 's'}`
    return at > now ? `in ${phrase}` : `${phrase} ago`
  }
  return 'just now'
}

/** `14:03`, with the date when it was not today. */
export function clockTime(at: number, now: number): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  const today = new Date(now)
  if (date.toDateString() === today.toDateString()) return time
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`
}

/** `512 B`, `3.2 KiB`, `1.1 GiB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  let value = bytes
  for (const unit of ['KiB', 'MiB', 'GiB', 'TiB']) {
    value /= 1024
    if (value < 1024 || unit === 'TiB') return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
  }
  return ''
}

/** `1 entry`, `10,000 entries`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}

/** `0.4 ms`, `12 ms`, `1.3 s`. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

const deliveries: Readonly<Record<string, string>> = {
  saved: 'saved here',
  'my-twin': 'on my twin',
  mailbox: 'in their mailbox',
  'their-twin': 'on their twin',
  opened: 'opened'
}

/** A rung of the delivery ladder in words. */
export function deliveryWords(state: string): string {
  return deliveries[state] ?? state
}

/** A file in few words: `garden.jpg, 20,000,000 bytes`. */
export function describeBlob({ name, size }: { readonly name: string; readonly size: number }): string {
  return `${name === '' ? 'file' : sanitize(name)}, ${count(size, 'byte')}`
}
