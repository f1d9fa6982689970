import type { Entry } from '../../crdt/key-value/index.ts'
import type { Content } from './content.ts'
import type { Known } from './move-entries.ts'

/** What was moved in this run and is no longer where it was, by namespace. */
export class MovedRows {
  readonly #byName = new Map<string, { readonly entries: Rows; readonly deletions: Rows }>()

  get(name: string): Known | undefined {
    return this.#byName.get(name)
  }

  async add(name: string, { entries, deletions }: Content): Promise<void> {
    const rows = this.#byName.get(name) ?? { entries: new Rows(), deletions: new Rows() }
    this.#byName.set(name, rows)
    for await (const entry of entries.list()) rows.entries.add(entry)
    for await (const deletion of deletions.list()) rows.deletions.add(deletion)
  }
}

class Rows {
  readonly #rows = new Map<string, Entry>()

  add(entry: Entry): void {
    this.#rows.set(entry.key, { ...entry, value: new Uint8Array() })
  }

  async get(key: string): Promise<Entry | undefined> {
    return this.#rows.get(key)
  }
}
