const dayMs = 86_400_000

/** As in a list: the time today, the weekday this week, else the date. */
export function shortTime(at: number, now = Date.now()): string {
  const days = daysAgo(at, now)
  if (days === 0) return clockTime(at)
  if (days === 1) return 'Yesterday'
  if (days < 7 && days > 1) return format({ weekday: 'short' }, at)
  return format({ day: 'numeric', month: 'short' }, at)
}

export function clockTime(at: number): string {
  return format({ hour: '2-digit', minute: '2-digit', hour12: false }, at)
}

export function dayName(at: number, now = Date.now()): string {
  const days = daysAgo(at, now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return format({ weekday: 'long', day: 'numeric', month: 'long' }, at)
}

export function dateWords(at: number): string {
  return format({ day: 'numeric', month: 'long', year: 'numeric' }, at)
}

/** `3 minutes ago`, `in 2 days` */
export function relative(at: number, now = Date.now()): string {
  const seconds = Math.round((at - now) / 1000)
  const steps = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60]
  ] as const
  const words = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' })
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit)
  }
  return 'just now'
}

export function isSameDay(one: number, other: number): boolean {
  return daysAgo(one, other) === 0
}

export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = -1
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-GB')} ${number === 1 ? one : many}`
}

/** An id that nobody reads as a whole. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-6)}`
}

function daysAgo(at: number, now: number): number {
  return Math.round((midnight(now) - midnight(at)) / dayMs)
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

function format(options: Intl.DateTimeFormatOptions, at: number): string {
  return new Intl.DateTimeFormat('en-GB', options).format(at)
}
