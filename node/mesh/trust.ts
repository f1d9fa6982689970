import { TokenBuckets } from './token-buckets.ts'

/** How often a second a peer that is refused may come to hear why */
const hearings = 1

/** Peers whose addresses are believed, and those that are refused; peer ids as text. */
export class Trust {
  readonly #trusted = new Set<string>()
  /** With whether they may hear that they are */
  readonly #banned = new Map<string, boolean>()
  readonly #hearings = new TokenBuckets()

  add(peer: string): void {
    this.#trusted.add(peer)
  }

  remove(peer: string): void {
    this.#trusted.delete(peer)
  }

  has(peer: string): boolean {
    return this.#trusted.has(peer)
  }

  /**
   * Refuses every connection with this peer from now on; those that stand are the caller's to close. With `mayHear` it is let in now and
   * then all the same, as a stranger, for the caller to tell it and to close.
   */
  ban(peer: string, { mayHear = false } = {}): void {
    this.#banned.set(peer, mayHear)
  }

  unban(peer: string): void {
    this.#banned.delete(peer)
  }

  isBanned(peer: string): boolean {
    return this.#banned.has(peer)
  }

  /** Whether a connection that a peer has opened ends before a byte of it is read. */
  isShutOut(peer: string): boolean {
    const mayHear = this.#banned.get(peer)
    if (mayHear === undefined) return false
    return !mayHear || !this.#hearings.take(peer, hearings)
  }
}
