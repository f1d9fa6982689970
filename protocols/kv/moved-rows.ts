import type { Entry } from '../../crdt/key-value/index.ts'
import type { Content } from './content.ts'
import type { Known } from './move-entries.ts'

/** What was moved in this run and is no longer where it was. */
export class MovedRows implements Known {
  readonly entries = new Rows()
  readonly deletions = new Rows()

  async add(content: Content): Promise<void> {
    for await (const entry of content.entries.list()) this.entries.add(entry)
    for await (const deletion of content.deletions.list()) this.deletions.add(deletion)
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
