import type { IndexRow } from '../documents/index.ts'
import type { LogId } from '../log/index.ts'
import type { Batch, Store } from '../store/index.ts'
import { isSameValue } from './row-difference.ts'
import type { StoredEntry } from './space.ts'
import type { SpaceLog } from './space-log.ts'

export interface GroupRun {
  readonly log: SpaceLog
  readonly run: Uint8Array
  readonly first: number
  readonly last: number
  readonly from?: LogId
}

/** What one group commit changes in one space, and whom it is told to afterwards. */
export class SpaceGroup {
  readonly batch: Batch
  readonly entries: StoredEntry[] = []
  readonly runs: GroupRun[] = []
  readonly rows = new Map<string, IndexRow[]>()
  readonly done: (() => void)[] = []
  readonly failed: ((cause: unknown) => void)[] = []
  /** Last entry of each log as of this group. */
  readonly heads = new Map<SpaceLog, number>()
  readonly #indexPrefix: string

  constructor(batch: Batch, indexPrefix: string) {
    this.batch = batch
    this.#indexPrefix = indexPrefix
  }

  addRows(kind: string, rows: Iterable<IndexRow>): void {
    const prefix = `${this.#indexPrefix}${kind}/`
    let told: IndexRow[] | undefined
    for (const row of rows) {
      const key = prefix + row.key
      if (row.value === undefined) this.batch.del(key)
      else this.batch.put(key, row.value)
      if (told === undefined) {
        told = this.rows.get(kind) ?? []
        this.rows.set(kind, told)
      }
      told.push(row)
    }
  }

  /** Those of the rows that the store has as this group leaves them, by kind. */
  async storedRows(store: Store): Promise<Map<string, IndexRow[]>> {
    const found = new Map<string, IndexRow[]>()
    for (const [kind, rows] of this.rows) {
      const stored = await store.getMany(rows.map(({ key }) => `${this.#indexPrefix}${kind}/${key}`))
      const same = rows.filter(({ value }, at) => isSameValue(value, stored[at]))
      if (same.length > 0) found.set(kind, same)
    }
    return found
  }

  addRun(run: GroupRun): void {
    this.runs.push(run)
    this.heads.set(run.log, run.last)
  }
}
