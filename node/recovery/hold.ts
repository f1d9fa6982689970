import { type Home, updateConfig } from '../home/index.ts'

/**
 * A twin that was restored does nothing on its own that leaves it: knocks and answers wait until the owner has looked at what came
 * back. What spaces hold is synced all the same, or nothing more could come back.
 */
export class Hold {
  readonly #home: Home
  #isOn: boolean
  readonly #lifted = new Set<() => void>()

  constructor(home: Home, isOn: boolean) {
    this.#home = home
    this.#isOn = isOn
  }

  get isOn(): boolean {
    return this.#isOn
  }

  onLifted(listener: () => void): void {
    this.#lifted.add(listener)
  }

  /** Whether it was on. */
  async lift(): Promise<boolean> {
    if (!this.#isOn) return false
    await updateConfig(this.#home, { isOnHold: false })
    this.#isOn = false
    for (const listener of this.#lifted) listener()
    return true
  }
}
