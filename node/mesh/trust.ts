/** Peers whose addresses are believed, and those that are refused; peer ids as text. */
export class Trust {
  readonly #trusted = new Set<string>()
  readonly #banned = new Set<string>()

  add(peer: string): void {
    this.#trusted.add(peer)
  }

  remove(peer: string): void {
    this.#trusted.delete(peer)
  }

  has(peer: string): boolean {
    return this.#trusted.has(peer)
  }

  /** Refuses every connection with this peer from now on; those that stand are the caller's to close. */
  ban(peer: string): void {
    this.#banned.add(peer)
  }

  unban(peer: string): void {
    this.#banned.delete(peer)
  }

  isBanned(peer: string): boolean {
    return this.#banned.has(peer)
  }
}
