import * as Y from 'yjs'
import { collectDeltas, type DeleteRange, type Delta } from './delta.ts'

/** Direct transactions after which what they changed is put aside for an entry, though the tick goes on. */
const maxOpenTransactions = 1024
const maxOpenClocks = 8192

/** What an edit or the direct transactions of a tick changed. */
export interface Changes {
  readonly deltas: readonly Delta[]
  readonly transactions: readonly Y.Transaction[]
}

/** What this device changed in a document and that is in no entry yet. */
export class OwnChanges {
  readonly #doc: Y.Doc
  readonly #client: number
  /** Clock up to which changes were collected. */
  #collected: number
  #deletes: DeleteRange[] = []
  #transactions: Y.Transaction[] = []
  #open = 0
  #aside: Delta[] = []
  #count = 0

  constructor(doc: Y.Doc, client: number) {
    this.#doc = doc
    this.#client = client
    this.#collected = this.clock
  }

  /** Own clock: what is written next begins there. */
  get clock(): number {
    return Y.getState(this.#doc.store, this.#client)
  }

  get isEmpty(): boolean {
    return this.#open === 0 && this.#aside.length === 0
  }

  /** Transactions since the last `take`. */
  get count(): number {
    return this.#count
  }

  /** Whether it is the first since changes were collected. */
  add(transaction: Y.Transaction, keep: boolean): boolean {
    for (const [client, ranges] of transaction.deleteSet.clients) {
      for (const { clock, len } of ranges) this.#deletes.push({ client, clock, length: len })
    }
    if (keep) this.#transactions.push(transaction)
    const isFirst = this.#open++ === 0
    this.#count++
    const after = transaction.afterState.get(this.#client) ?? 0
    if (this.#open >= maxOpenTransactions || after - this.#collected >= maxOpenClocks) this.collect()
    return isFirst
  }

  /** What was changed since the last call. */
  take(): Changes {
    this.collect()
    const changes = { deltas: this.#aside, transactions: this.#transactions }
    this.#aside = []
    this.#transactions = []
    this.#count = 0
    return changes
  }

  collect(end = this.clock): void {
    if (this.#open > 0) this.#aside.push(...collectDeltas(this.#doc, this.#client, this.#collected, this.#deletes, end))
    this.#collected = end
    this.#deletes = []
    this.#open = 0
  }

  /** What was written up to here is no change that has to be logged: it came from the log. */
  skip(clock = this.clock): void {
    if (clock > this.#collected) this.#collected = clock
  }
}
