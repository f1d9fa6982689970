import type { Batch, SpaceKeys, Store } from '../store/index.ts'
import { SpaceKeys as Keys } from '../store/index.ts'
import type { SpaceLog } from './space-log.ts'

const rejected = 1
const held = 2
const encoder = new TextEncoder()

/**
 * Entries that are part of their log but not of their document: *rejected* by a rule that gives every replica the same verdict, or
 * *held* because the verdict was not reached. And documents of kinds that were unknown when entries of theirs arrived.
 */
export class EntryMarks {
  readonly #store: Store
  readonly #prefix: string
  readonly #entries = new Map<number, Map<number, number>>()
  readonly #unread = new Set<string>()

  constructor(store: Store, keys: SpaceKeys) {
    this.#store = store
    this.#prefix = keys.marks
  }

  /** @param clientOf the client id of a log by its part of store keys */
  async load(clientOf: (logKey: string) => number | undefined): Promise<void> {
    this.#entries.clear()
    this.#unread.clear()
    for await (const [key, value] of this.#store.under(this.#prefix)) {
      const [sort, ...rest] = key.slice(this.#prefix.length).split('/')
      if (sort === 'd') this.#unread.add(rest.join('/'))
      else {
        const client = clientOf(`${rest[0]}/${rest[1]}`)
        if (client !== undefined) this.#note(client, Number.parseInt(rest[2] ?? '', 16), value[0] ?? rejected)
      }
    }
  }

  reject(batch: Batch, log: SpaceLog, seq: number, reason: string): void {
    this.#mark(batch, log, seq, rejected, reason)
  }

  hold(batch: Batch, log: SpaceLog, seq: number, reason: string): void {
    this.#mark(batch, log, seq, held, reason)
  }

  /** The entry is part of its document after all. */
  clear(batch: Batch, log: SpaceLog, seq: number): void {
    if (this.#entries.get(log.client)?.delete(seq) === true) batch.del(this.#keyOf(log, seq))
  }

  /** The document is to be built from the whole log once its kind is known. */
  leaveUnread(batch: Batch, document: string): void {
    if (this.#unread.has(document)) return
    this.#unread.add(document)
    batch.put(`${this.#prefix}d/${document}`, Uint8Array.of(1))
  }

  isRejected(client: number, seq: number): boolean {
    return this.#entries.get(client)?.get(seq) === rejected
  }

  isHeld(client: number, seq: number): boolean {
    return this.#entries.get(client)?.get(seq) === held
  }

  /** How many entries of a log were rejected, and how many held when they came. */
  countOf(client: number): { rejected: number; held: number } {
    const marks = [...(this.#entries.get(client)?.values() ?? [])]
    const ofHeld = marks.filter(mark => mark === held).length
    return { rejected: marks.length - ofHeld, held: ofHeld }
  }

  get unread(): Iterable<string> {
    return this.#unread
  }

  isUnread(document: string): boolean {
    return this.#unread.has(document)
  }

  #mark(batch: Batch, log: SpaceLog, seq: number, mark: number, reason: string): void {
    this.#note(log.client, seq, mark)
    const text = encoder.encode(reason)
    const row = new Uint8Array(1 + text.length)
    row[0] = mark
    row.set(text, 1)
    batch.put(this.#keyOf(log, seq), row)
  }

  #keyOf(log: SpaceLog, seq: number): string {
    return `${this.#prefix}e/${log.key}/${Keys.seq(seq)}`
  }

  #note(client: number, seq: number, mark: number): void {
    const seqs = this.#entries.get(client)
    if (seqs === undefined) this.#entries.set(client, new Map([[seq, mark]]))
    else seqs.set(seq, mark)
  }
}
