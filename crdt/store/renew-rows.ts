import { equals } from 'uint8arrays/equals'
import { afterPrefix } from './keys.ts'
import type { Batch, Store } from './store.ts'

/** Rows of one batch */
const batchRows = 4096
const gatheredPhase = 1
const renewedPhase = 2
const clearedPhase = 3

/** Rows that follow from others, and that are written anew. */
export interface Renewal {
  /** What stands before the keys of the rows, and before those of the new ones while they are gathered; both end in '/' */
  readonly rows: string
  readonly gathered: string
  /** The row that says how far it is */
  readonly progress: string
  /** What the rows follow from, in brief: what was gathered from anything else is thrown away */
  readonly from: Uint8Array
  /** Gives all rows by what follows `rows` in their keys; of several under one key the last one counts. */
  gather(rows: GatheredRows): Promise<void>
  /** Part of the batch with which the new rows count */
  done(batch: Batch): void
}

/**
 * Takes rows to their new form in synced batches, none of which is large. The old ones stay as they are until all new ones are
 * written beside them, and none is removed before the batch of `done`: a program of the release before can go on at any point until then. After a crash
 * it goes on where it was, or begins again if something was written meanwhile.
 *
 * @param isForced begin again in any case
 */
export async function renewRows(store: Store, renewal: Renewal, isForced = false): Promise<void> {
  const { progress, from } = renewal
  const stored = await store.get(progress)
  const isOurs = stored !== undefined && !isForced && equals(stored.subarray(1), from)
  let phase = isOurs ? stored[0]! : 0
  const gathered = new GatheredRows(store, renewal.gathered)
  if (phase < gatheredPhase) {
    // What somebody gathered who did not come to the end
    if (stored !== undefined) await gathered.commit(batch => batch.del(progress))
    await gathered.clear()
    await renewal.gather(gathered)
    await gathered.commit(batch => batch.put(progress, withPhase(gatheredPhase, from)))
    phase = gatheredPhase
  }
  if (phase === gatheredPhase) {
    await writeNew(store, renewal)
    phase = renewedPhase
  }
  if (phase === renewedPhase) await removeOld(store, renewal)
  // Only now: as long as old rows are removed, these say which stay
  await gathered.clear()
  await gathered.commit(batch => batch.del(progress))
}

async function writeNew(store: Store, { rows, gathered, progress, from, done }: Renewal): Promise<void> {
  const changed = new Batches(store)
  for await (const [key, value] of store.under(gathered)) {
    const at = rows + key.slice(gathered.length)
    const old = await store.get(at)
    if (old === undefined || !equals(old, value)) await changed.add(batch => batch.put(at, value))
  }
  await changed.commit(batch => {
    done(batch)
    batch.put(progress, withPhase(renewedPhase, from))
  })
}

async function removeOld(store: Store, { rows, gathered, progress, from }: Renewal): Promise<void> {
  const changed = new Batches(store)
  for await (const key of store.keys({ gt: rows, lt: afterPrefix(rows) })) {
    const isKept = (await store.get(gathered + key.slice(rows.length))) !== undefined
    if (!isKept) await changed.add(batch => batch.del(key))
  }
  await changed.commit(batch => batch.put(progress, withPhase(clearedPhase, from)))
}

/** New rows before they count. */
export class GatheredRows {
  readonly #store: Store
  readonly #prefix: string
  readonly #batches: Batches

  constructor(store: Store, prefix: string) {
    this.#store = store
    this.#prefix = prefix
    this.#batches = new Batches(store)
  }

  put(key: string, value: Uint8Array): Promise<void> {
    return this.#batches.add(batch => batch.put(this.#prefix + key, value))
  }

  del(key: string): Promise<void> {
    return this.#batches.add(batch => batch.del(this.#prefix + key))
  }

  commit(last: (batch: Batch) => void): Promise<void> {
    return this.#batches.commit(last)
  }

  async clear(): Promise<void> {
    const end = afterPrefix(this.#prefix)
    let count = 0
    for await (const key of this.#store.keys({ gt: this.#prefix, lt: end })) {
      await this.#batches.add(batch => batch.del(key))
      count++
    }
    await this.#batches.commit(() => {})
    if (count > 0) await this.#store.shrink(this.#prefix, end)
  }
}

/** Changes in batches of a bounded size. */
class Batches {
  readonly #store: Store
  #batch: Batch | undefined

  constructor(store: Store) {
    this.#store = store
  }

  async add(change: (batch: Batch) => void): Promise<void> {
    this.#batch ??= this.#store.batch()
    change(this.#batch)
    if (this.#batch.rows >= batchRows) await this.commit(() => {})
  }

  async commit(last: (batch: Batch) => void): Promise<void> {
    const batch = this.#batch ?? this.#store.batch()
    this.#batch = undefined
    last(batch)
    await this.#store.commit(batch)
  }
}

function withPhase(phase: number, from: Uint8Array): Uint8Array {
  const row = new Uint8Array(1 + from.length)
  row[0] = phase
  row.set(from, 1)
  return row
}
