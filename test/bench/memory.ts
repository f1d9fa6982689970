/** By how much the resident set of this process grows at most, garbage included; run with `--expose-gc`. */
export const memory = {
  before: 0,
  highest: 0,
  timer: undefined as NodeJS.Timeout | undefined,
  begin(): void {
    globalThis.gc?.()
    this.before = process.memoryUsage.rss()
    this.highest = this.before
    this.timer = setInterval(() => {
      this.highest = Math.max(this.highest, process.memoryUsage.rss())
    }, 5)
  },
  /** In bytes. */
  end(): number {
    clearInterval(this.timer)
    return this.highest - this.before
  }
}
