/** Updates of documents in memory, over all spaces (bytes). What Yjs makes of them takes several times as much. */
const maxOpenBytes = 96 * 1024 * 1024

/** Whoever keeps documents in memory and can let go of some. */
export interface DocumentHolder {
  /** Other spaces need the memory: let go of what is not in use, when it is on disk. */
  shed(): void
}

/** What the documents of all spaces take together, so that memory follows what is in use and not what is stored. */
export class DocumentBudget {
  readonly #max: number
  /** In order of use. */
  readonly #bytes = new Map<DocumentHolder, number>()
  #total = 0

  constructor(max = maxOpenBytes) {
    this.#max = max
  }

  get bytes(): number {
    return this.#total
  }

  get isOver(): boolean {
    return this.#total > this.#max
  }

  /** The holder was used and has so many bytes now. When that is too much in all, whoever was used longest ago lets go first. */
  note(holder: DocumentHolder, bytes: number): void {
    this.#total += bytes - (this.#bytes.get(holder) ?? 0)
    this.#bytes.delete(holder)
    if (bytes > 0) this.#bytes.set(holder, bytes)
    if (!this.isOver) return
    const [oldest] = this.#bytes.keys()
    if (oldest !== undefined && oldest !== holder) oldest.shed()
  }
}
