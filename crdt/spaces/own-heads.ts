import { equals } from 'uint8arrays/equals'
import type { OpenSpace } from './open-space.ts'

/** Up to where the own log of a space was shown to others. */
export interface OwnHead {
  readonly space: Uint8Array
  readonly seq: number
  readonly hash: Uint8Array
}

/**
 * For a witness that is not on this disk, to which a device says before it stops how far it has shown its logs, and which it asks at
 * the next start: what it says instead of a peer (FORMATS §9).
 */
export class OwnHeads {
  readonly #spaces: Iterable<OpenSpace>
  #isHeld = false

  constructor(spaces: Iterable<OpenSpace>) {
    this.#spaces = spaces
  }

  /** Whether a witness still has a statement that this device has not taken back: what it would confirm must not become false. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Until `release`, no peer confirms a log. Call before any is met. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    for (const { space } of this.#spaces) space.ownReturn.hear(history => history.settle())
  }

  /** From now on nothing more is shown; what was, where others know of it. */
  async close(): Promise<OwnHead[]> {
    const heads: OwnHead[] = []
    for (const { space } of this.#spaces) {
      await space.flush()
      space.ownReturn.hear(history => {
        const head = history.close()
        if (head !== undefined) heads.push({ space: space.id, seq: head[0], hash: head[1] })
        return false
      })
    }
    return heads
  }

  /** What a witness had, which has been taken from it so that it never says it again. */
  confirm(heads: readonly OwnHead[]): void {
    for (const { space } of this.#spaces) {
      const head = heads.find(({ space: id }) => equals(id, space.id))
      if (head !== undefined) space.ownReturn.hear(history => history.witnessed(head.seq, head.hash))
    }
  }
}
