import { systemClock } from '../protocols/core/index.ts'

/** Runs something a while after the first of many calls, once for all of them. */
export class Gathered {
  readonly #ms: number
  readonly #run: () => void
  #callOff: (() => void) | undefined

  constructor(ms: number, run: () => void) {
    this.#ms = ms
    this.#run = run
  }

  call(): void {
    this.#callOff ??= systemClock.after(this.#ms, () => {
      this.#callOff = undefined
      this.#run()
    })
  }

  stop(): void {
    this.#callOff?.()
    this.#callOff = undefined
  }
}
