import type { Database } from '../../crdt/index.ts'

const prefix = 'box/o/'

/** Twins that may keep a box on this one. */
export class Offers {
  readonly #db: Database
  readonly #twins = new Set<string>()

  constructor(db: Database) {
    this.#db = db
  }

  async load(): Promise<void> {
    for await (const key of this.#db.keys({ gt: prefix, lt: `${prefix}~` })) this.#twins.add(key.slice(prefix.length))
  }

  has(twin: string): boolean {
    return this.#twins.has(twin)
  }

  all(): string[] {
    return [...this.#twins]
  }

  async add(twin: string): Promise<void> {
    await this.#db.put(prefix + twin, Uint8Array.of(1), { sync: true } as object)
    this.#twins.add(twin)
  }

  async remove(twin: string): Promise<boolean> {
    await this.#db.del(prefix + twin, { sync: true } as object)
    return this.#twins.delete(twin)
  }
}
