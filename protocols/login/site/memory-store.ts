import type { LoginStore, OpenChallenge } from './create-login.ts'

/** Whoever asks for more at once pushes out the oldest: its visitor asks again */
const maxOpen = 100_000

/** Challenges in the memory of one process. What is forgotten, at its expiry or for room, is refused: only what is here is answered. */
export class MemoryStore implements LoginStore {
  readonly #open = new Map<string, { readonly challenge: OpenChallenge; isUsed: boolean }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  open(challenge: OpenChallenge): void {
    // In the order in which they were made, which is that of their expiry
    for (const [nonce, { challenge: oldest }] of this.#open) {
      if (oldest.expiresAt > this.#now() && this.#open.size < maxOpen) break
      this.#open.delete(nonce)
    }
    this.#open.set(challenge.nonce, { challenge, isUsed: false })
  }

  read(nonce: string): OpenChallenge | undefined {
    return this.#open.get(nonce)?.challenge
  }

  use(nonce: string): boolean {
    const found = this.#open.get(nonce)
    if (found === undefined || found.isUsed) return false
    found.isUsed = true
    return true
  }
}
