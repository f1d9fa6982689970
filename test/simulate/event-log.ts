import { createHash, type Hash } from 'node:crypto'

/** Everything that happened, in order, as a hash: two runs of one seed have the same or something is not simulated. */
export class EventLog {
  readonly #hash: Hash = createHash('sha256')
  readonly #trace: ((line: string) => void) | undefined
  #waiting = ''

  constructor(trace?: (line: string) => void) {
    this.#trace = trace
  }

  add(now: number, line: string): void {
    const text = `${now.toFixed(3)} ${line}`
    this.#trace?.(text)
    this.#waiting += `${text}\n`
    if (this.#waiting.length > 64 * 1024) this.#flush()
  }

  digest(): string {
    this.#flush()
    return this.#hash.copy().digest('hex').slice(0, 32)
  }

  #flush(): void {
    this.#hash.update(this.#waiting)
    this.#waiting = ''
  }
}
