import { readFileSync } from 'node:fs'

/** By how many bytes the memory of a process grew at most, garbage included. */
export interface MemoryGrowth {
  readonly resident: number
  /** Without mapped files, whose pages the kernel takes back when it needs them; all of it where that is not told */
  readonly anonymous: number
}

/** What this process takes; run with `--expose-gc`, so that it begins without the garbage of what was before. */
export const memory = {
  before: { resident: 0, anonymous: 0 },
  highest: { resident: 0, anonymous: 0 },
  timer: undefined as NodeJS.Timeout | undefined,
  begin(): void {
    globalThis.gc?.()
    this.before = look()
    this.highest = look()
    this.timer = setInterval(() => {
      const now = look()
      this.highest.resident = Math.max(this.highest.resident, now.resident)
      this.highest.anonymous = Math.max(this.highest.anonymous, now.anonymous)
    }, 5)
  },
  end(): MemoryGrowth {
    clearInterval(this.timer)
    return {
      resident: this.highest.resident - this.before.resident,
      anonymous: this.highest.anonymous - this.before.anonymous
    }
  }
}

function look() {
  const resident = process.memoryUsage.rss()
  if (process.platform !== 'linux') return { resident, anonymous: resident }
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return { resident, anonymous: kib === undefined ? resident : Number(kib) * 1024 }
}
