import type { LoadedDocument } from '../documents/index.ts'
import type { LogId } from '../log/index.ts'
import type { PresenceChannel } from './live-presence.ts'
import { PresenceTable } from './presence-table.ts'
import { readPresence } from './presence-update.ts'
import type { ReplicaEvents } from './replica.ts'
import type { SpaceContext } from './space-context.ts'
import { mayWriteIn } from './write-refusal.ts'

/** Milliseconds by which those are told later who are in no document. */
const lateMs = 1000

/** Who is in the documents of a space, between editors here and sync sessions. */
export class SpacePresence {
  readonly #context: SpaceContext
  readonly #table: PresenceTable
  readonly #late = new Map<string, ReplicaEvents['awareness']>()

  constructor(context: SpaceContext) {
    this.#context = context
    this.#table = new PresenceTable(context)
  }

  /** Whether somebody has a document open. */
  get isAnybodyThere(): boolean {
    return this.#table.isAnybodyThere
  }

  /** What this device says of itself. */
  send(document: string, bytes: Uint8Array): void {
    this.#table.said(document, bytes)
    this.#tell({ document, bytes })
  }

  receive(document: string, bytes: Uint8Array, from: LogId): void {
    const { news } = this.#context
    const { fresh, relayed } = this.#table.receive(document, bytes, from)
    for (const one of relayed) this.#tell({ document, from, ...one })
    for (const { author, bytes: one } of fresh) news.emit('awareness', { document, bytes: one, from: author })
  }

  /** What a device of a twin, newly connected, is told. */
  for(twin: Uint8Array): readonly { readonly document: string; readonly bytes: Uint8Array }[] {
    return this.#table.for(twin)
  }

  /** For an editor of one document. */
  channel({ name, kind }: LoadedDocument): PresenceChannel {
    return {
      send: bytes => this.send(name, bytes),
      known: () => this.#table.in(name),
      listen: listener =>
        this.#context.news.on('awareness', ({ document, from, bytes }) => {
          if (document === name) listener({ author: from, bytes })
        }),
      mayWrite: ({ twin }) => mayWriteIn(this.#context, name, twin),
      isRoot: root => Object.hasOwn(kind.roots, root)
    }
  }

  /**
   * Whoever is in the document is told at once. When all of them are connected with a device that is in it too, the others, who could only
   * pass it on or show it to somebody who comes later, are told by that one behind it, of the newest only.
   */
  #tell(told: Omit<ReplicaEvents['awareness'], 'space'>): void {
    const { id, news } = this.#context
    const states = readPresence(told.bytes)
    const key = `${told.document} ${states.map(({ client }) => client)}`
    const near = this.#table.near(told.document, states)
    const event = { space: id, ...told }
    const isForNobodyNear = near?.length === 0 && (told.from === undefined || !this.#table.isHere(told.document))
    // Whoever is alone in it is looked for, and a device that is in no document is there to pass things on
    if (near === undefined || isForNobodyNear) {
      this.#late.delete(key)
      news.tell('awareness', event)
      return
    }
    if (near.length > 0) news.tell('awareness', { ...event, only: near })
    if (!this.#late.has(key)) setTimeout(() => this.#tellLate(key), lateMs)
    this.#late.set(key, { ...event, except: near })
  }

  #tellLate(key: string): void {
    const event = this.#late.get(key)
    if (event === undefined) return
    this.#late.delete(key)
    this.#context.news.tell('awareness', event)
  }
}
