import type { Batch, SpaceKeys, Store } from '../store/index.ts'
import { SpaceKeys as Keys } from '../store/index.ts'
import type { SpaceLog } from './space-log.ts'

const rejected = 1
const held = 2
const released = 3
/** Why an entry was rejected on which Yjs threw though the gate let it through. */
export const poison = 'throws'
const encoder = new TextEncoder()
const decoder = new TextDecoder()

interface Mark {
  readonly mark: number
  readonly reason: string
  /** Of a held or released entry. */
  readonly document: string
}

/**
 * Entries that are part of their log but not of their document: *rejected* by a rule that gives every replica the same verdict, or
 * *held* because the verdict was not reached; or that became so later than their place in the log: *released*. And documents of kinds
 * that were unknown when entries of theirs arrived.
 */
export class EntryMarks {
  readonly #store: Store
  readonly #prefix: string
  readonly #entries = new Map<number, Map<number, Mark>>()
  /** Held entries of an author in a document. */
  readonly #holding = new Map<string, number>()
  readonly #unread = new Set<string>()

  constructor(store: Store, keys: SpaceKeys) {
    this.#store = store
    this.#prefix = keys.marks
  }

  /** @param clientOf the client id of a log by its part of store keys */
  async load(clientOf: (logKey: string) => number | undefined): Promise<void> {
    this.#entries.clear()
    this.#holding.clear()
    this.#unread.clear()
    for await (const [key, value] of this.#store.under(this.#prefix)) {
      const [sort, ...rest] = key.slice(this.#prefix.length).split('/')
      if (sort === 'd') this.#unread.add(rest.join('/'))
      else {
        const client = clientOf(`${rest[0]}/${rest[1]}`)
        if (client !== undefined) this.#note(client, Number.parseInt(rest[2] ?? '', 16), readMark(value))
      }
    }
  }

  reject(batch: Batch, log: SpaceLog, seq: number, reason: string): void {
    this.#mark(batch, log, seq, { mark: rejected, reason, document: '' })
  }

  hold(batch: Batch, log: SpaceLog, seq: number, reason: string, document: string): void {
    this.#mark(batch, log, seq, { mark: held, reason, document })
  }

  /** It is part of its document from now on, after entries that stand behind it in the log. */
  release(batch: Batch, log: SpaceLog, seq: number, document: string): void {
    this.#mark(batch, log, seq, { mark: released, reason: '', document })
  }

  /** The entry is part of its document after all. */
  clear(batch: Batch, log: SpaceLog, seq: number): void {
    const marks = this.#entries.get(log.client)
    const mark = marks?.get(seq)
    if (mark === undefined) return
    marks!.delete(seq)
    this.#count(log.client, mark, -1)
    batch.del(this.#keyOf(log, seq))
  }

  forgetBehind(batch: Batch, log: SpaceLog, seq: number): void {
    for (const at of [...(this.#entries.get(log.client)?.keys() ?? [])]) if (at > seq) this.clear(batch, log, at)
  }

  /** Whether Yjs threw on the entry. */
  isPoison(client: number, seq: number): boolean {
    const mark = this.#entries.get(client)?.get(seq)
    return mark?.mark === rejected && mark.reason === poison
  }

  /** The document is to be built from the whole log once its kind is known. */
  leaveUnread(batch: Batch, document: string): void {
    if (this.#unread.has(document)) return
    this.#unread.add(document)
    batch.put(`${this.#prefix}d/${document}`, Uint8Array.of(1))
  }

  /** Whether an entry changes nothing, for now or for ever. */
  isLeftOut(client: number, seq: number): boolean {
    const mark = this.#entries.get(client)?.get(seq)?.mark
    return mark === rejected || mark === held
  }

  isReleased(client: number, seq: number): boolean {
    return this.#entries.get(client)?.get(seq)?.mark === released
  }

  /** Whether an entry of the author is held in the document. */
  isHolding(client: number, document: string): boolean {
    return (this.#holding.get(`${client}/${document}`) ?? 0) > 0
  }

  /** Held entries, each author's in order. */
  *held(): Iterable<{ readonly client: number; readonly seq: number; readonly document: string }> {
    for (const [client, marks] of this.#entries) {
      for (const [seq, { mark, document }] of marks)
        if (mark === held && document !== '') yield { client, seq, document }
    }
  }

  /** How many entries of a log were rejected, how many are held, and how many of those for a quota. */
  countOf(client: number): { rejected: number; held: number; overQuota: number } {
    const marks = [...(this.#entries.get(client)?.values() ?? [])]
    const ofHeld = marks.filter(({ mark }) => mark === held)
    return {
      rejected: marks.filter(({ mark }) => mark === rejected).length,
      held: ofHeld.length,
      overQuota: ofHeld.filter(({ reason }) => reason === 'quota').length
    }
  }

  /** The first entry of a log that is held, in one document if it is given. */
  firstHeld(client: number, document?: string): number | undefined {
    let first: number | undefined
    for (const [seq, mark] of this.#entries.get(client) ?? []) {
      if (mark.mark !== held || (document !== undefined && mark.document !== '' && mark.document !== document)) continue
      if (first === undefined || seq < first) first = seq
    }
    return first
  }

  /** The document of a kind that was not known is in a milestone: it is read from there. */
  wasRead(batch: Batch, document: string): void {
    if (this.#unread.delete(document)) batch.del(`${this.#prefix}d/${document}`)
  }

  get unread(): Iterable<string> {
    return this.#unread
  }

  isUnread(document: string): boolean {
    return this.#unread.has(document)
  }

  #mark(batch: Batch, log: SpaceLog, seq: number, mark: Mark): void {
    this.#note(log.client, seq, mark)
    const text = mark.document === '' ? mark.reason : `${mark.reason}\0${mark.document}`
    batch.put(this.#keyOf(log, seq), Uint8Array.of(mark.mark, ...encoder.encode(text)))
  }

  #keyOf(log: SpaceLog, seq: number): string {
    return `${this.#prefix}e/${log.key}/${Keys.seq(seq)}`
  }

  #note(client: number, seq: number, mark: Mark): void {
    let seqs = this.#entries.get(client)
    if (seqs === undefined) {
      seqs = new Map()
      this.#entries.set(client, seqs)
    }
    this.#count(client, seqs.get(seq), -1)
    this.#count(client, mark, 1)
    seqs.set(seq, mark)
  }

  #count(client: number, of: Mark | undefined, by: number): void {
    if (of?.mark !== held) return
    const key = `${client}/${of.document}`
    this.#holding.set(key, (this.#holding.get(key) ?? 0) + by)
  }
}

function readMark(value: Uint8Array): Mark {
  const [reason = '', document = ''] = decoder.decode(value.subarray(1)).split('\0')
  return { mark: value[0] ?? rejected, reason, document }
}
