import type { LoadedDocument } from '../documents/index.ts'
import type { LogId } from '../log/index.ts'
import type { PresenceChannel } from './live-presence.ts'
import { PresenceTable } from './presence-table.ts'
import type { SpaceContext } from './space-context.ts'

/** Who is in the documents of a space, between editors here and sync sessions. */
export class SpacePresence {
  readonly #context: SpaceContext
  readonly #table: PresenceTable

  constructor(context: SpaceContext) {
    this.#context = context
    this.#table = new PresenceTable(context)
  }

  /** What this device says of itself. */
  send(document: string, bytes: Uint8Array): void {
    const { id, news } = this.#context
    this.#table.said(document, bytes)
    news.tell('awareness', { space: id, document, bytes })
  }

  receive(document: string, bytes: Uint8Array, from: LogId): void {
    const { id, news } = this.#context
    const { fresh, relayed } = this.#table.receive(document, bytes, from)
    for (const { ownOnly, bytes: others } of relayed) {
      news.tell('awareness', { space: id, document, bytes: others, from, ownOnly })
    }
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
      mayWrite: ({ twin }) => {
        const { membership, facts } = this.#context
        const writer = kind.writer(name, facts)
        return (
          membership.view?.mayWrite(twin) === true &&
          (writer === 'members' || writer === membership.view.numberOf(twin))
        )
      },
      isRoot: root => Object.hasOwn(kind.roots, root)
    }
  }
}
