export interface Frames {
  request(run: () => void): number
  cancel(frame: number): void
}

const ofPage: Frames = {
  request: run => requestAnimationFrame(run),
  cancel: frame => cancelAnimationFrame(frame)
}

/** Does something at once, and once more before a frame is drawn however often it is asked for until then. */
export class FramePace {
  readonly #run: () => void
  readonly #frames: Frames
  #frame: number | undefined
  #isAsked = false

  constructor(run: () => void, frames: Frames = ofPage) {
    this.#run = run
    this.#frames = frames
  }

  ask(): void {
    if (this.take()) this.#run()
  }

  /** Whether the caller does it now, in place of what is to be run; else it is asked for. */
  take(): boolean {
    this.#isAsked = this.#frame !== undefined
    if (this.#isAsked) return false
    this.#frame = this.#frames.request(() => {
      this.#frame = undefined
      if (this.#isAsked) this.ask()
    })
    return true
  }

  stop(): void {
    if (this.#frame !== undefined) this.#frames.cancel(this.#frame)
  }
}
