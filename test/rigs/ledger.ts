/** What a writer was told, kept outside of what is under test. */
export class Ledger {
  readonly acked: number[] = []
  /** Highest item that is known to have been asked for. */
  issued = 0
  refusals = 0
  /** The last reason. */
  refusal = ''
  readonly #waiting = new Set<() => void>()
  #isOver = false

  note(news: { acked?: readonly number[]; issued?: number; refusal?: string }): void {
    for (const item of news.acked ?? []) this.acked.push(item)
    if (news.issued !== undefined) this.issued = Math.max(this.issued, news.issued)
    if (news.refusal !== undefined) {
      this.refusals++
      this.refusal = news.refusal
    }
    this.#wake()
  }

  /** Nothing more will be noted until `begin`. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  begin(): void {
    this.#isOver = false
  }

  /** Resolves whether it became true: not when the writer ended or the time was up. */
  async until(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs
    while (!isTrue()) {
      if (this.#isOver || Date.now() >= deadline) return false
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, deadline - Date.now())
        this.#waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    return true
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
