import type { Clock } from './clock.ts'

export interface Alarm {
  readonly at: number
  readonly action: () => void
}

/**
 * Many deadlines on one timer. Nearly every call ends long before its deadline, so setting and clearing one must cost next
 * to nothing: the timer is left running and looks, when it fires, at what is still set.
 */
export class Alarms {
  readonly #clock: Clock
  readonly #alarms = new Set<Alarm>()
  #timerAt = Number.POSITIVE_INFINITY
  #stop = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(ms: number, action: () => void): Alarm {
    const alarm = { at: this.#clock.now() + ms, action }
    this.#alarms.add(alarm)
    if (alarm.at < this.#timerAt) this.#schedule(alarm.at)
    return alarm
  }

  clear(alarm: Alarm): void {
    this.#alarms.delete(alarm)
  }

  /** Clears all and lets go of the timer. */
  stop(): void {
    this.#alarms.clear()
    this.#stop()
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #schedule(at: number): void {
    this.#stop()
    this.#timerAt = at
    // Timers may fire a fraction early; a whole millisecond more saves a second round
    const ms = Math.max(0, Math.ceil(at - this.#clock.now())) + 1
    this.#stop = this.#clock.after(ms, () => this.#ring(), { background: true })
  }

  #ring(): void {
    const now = this.#clock.now()
    this.#timerAt = Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    for (const alarm of [...this.#alarms]) {
      if (alarm.at > now) {
        next = Math.min(next, alarm.at)
      } else if (this.#alarms.delete(alarm)) {
        alarm.action()
      }
    }
    if (next < this.#timerAt) this.#schedule(next)
  }
}
