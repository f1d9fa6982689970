import type * as Y from 'yjs'
import type { LoadedDocument } from '../documents/index.ts'
import { isLongerThan, maxOriginBytes } from '../log/index.ts'
import { isOfClosedStore } from '../store/index.ts'
import { LiveDocument } from './live-document.ts'
import { type EditOptions, type LiveText, LocalLiveText } from './live-text.ts'
import { type EntryRef, SpaceError } from './space.ts'
import type { SpaceLoading } from './space-loading.ts'
import type { SpaceParts } from './space-parts.ts'
import type { SpacePresence } from './space-presence.ts'
import type { SpacesInit } from './spaces.ts'
import { nameRefusal, writeRefusal } from './write-refusal.ts'

/** Times that a document is read while a store fails again and again */
const maxTries = 3

export interface SpaceDocumentsInit {
  readonly parts: Pick<SpaceParts, 'context' | 'documents' | 'writer'>
  readonly loading: SpaceLoading
  readonly presence: SpacePresence
  readonly gather: SpacesInit['gatherTyped']
}

/** The documents of a space for those who use them: read as the log says, written by edits, or handed out to be written in. */
export class SpaceDocuments {
  readonly #init: SpaceDocumentsInit
  /** To be called when something was typed that others are shown */
  readonly #typed: () => void

  constructor(init: SpaceDocumentsInit) {
    this.#init = init
    const { parts, gather } = init
    const touch = () => parts.context.touch()
    this.#typed =
      gather?.(() => {
        if (parts.writer.hasDirectEdits) touch()
      }) ?? touch
  }

  /** See `Space.write`. */
  write<T>(
    document: string,
    edit: (doc: Y.Doc, transaction: Y.Transaction) => T,
    { origin = '' }: { readonly origin?: string } = {}
  ): Promise<{ value: T; ref: EntryRef }> {
    const { context, writer } = this.#init.parts
    return new Promise((resolve, reject) => {
      const refusal = writeRefusal(context, document)
      if (refusal !== undefined) throw refusal
      if (isLongerThan(origin, maxOriginBytes)) throw new RangeError(`An origin has at most ${maxOriginBytes} bytes`)
      writer.add({
        document,
        origin,
        edit,
        // The value is what this edit returned
        resolve: resolve as (result: { value: unknown; ref: EntryRef }) => void,
        reject: cause => reject(asSpaceError(cause))
      })
      context.touch()
    })
  }

  /** The document as the log says, for good: it stays in memory while somebody may hold it. */
  async share(name: string): Promise<Y.Doc> {
    const document = await this.#get(name)
    document.isShared = true
    return document.doc
  }

  async read<T>(name: string, read: (doc: Y.Doc) => T): Promise<T> {
    return read((await this.#get(name)).doc)
  }

  /** See `Space.edit`. */
  async edit(name: string, options: EditOptions = {}): Promise<LiveText> {
    const { parts, presence } = this.#init
    const { context } = parts
    const document = await this.#get(name)
    const live =
      document.editing instanceof LiveDocument
        ? document.editing
        : new LiveDocument({ document, load: () => this.#get(name), touch: () => context.touch(), log: context.log })
    const mayWrite = () => writeRefusal(context, name) === undefined
    return new LocalLiveText(
      { document: name, live, channel: presence.channel(document), mayWrite, log: context.log },
      options
    )
  }

  /** A transaction was made on a document that was handed out. What others are shown already may wait for what is typed next. */
  changedDirectly(document: LoadedDocument, isShown: boolean): void {
    const { context, documents, writer } = this.#init.parts
    // An editor has it that waits for another: the store is tried again
    if (document.isStale && document.editing !== undefined) {
      context.touch()
      return
    }
    document.editing?.changed()
    if (!writer.noteDirectEdit(document)) return
    const refusal = writeRefusal(context, document.name)
    if (refusal === undefined) {
      if (isShown) this.#typed()
      else context.touch()
    } else {
      // What was changed without the right to is nowhere but in this document
      context.log.warn('A document was changed that may not be', refusal)
      document.spoil(refusal)
      documents.drop(document.name)
      context.news.emit('fence', {})
    }
  }

  /** The document as the log says. A store that fails is waited for, some times. */
  async #get(name: string): Promise<LoadedDocument> {
    const { parts, loading } = this.#init
    const { context, documents } = parts
    const refusal = nameRefusal(context, name)
    if (refusal !== undefined) throw refusal
    if (context.facts.state === 'offered') throw new SpaceError('not-open', 'The space is not accepted yet')
    await loading.ready
    for (let tries = 1; ; tries++) {
      const { failures } = loading
      let document: LoadedDocument
      try {
        document = await documents.get(name)
      } catch (cause) {
        const { commit, store } = context
        const isClosed = store.isFenced || isOfClosedStore(cause)
        if (tries > maxTries || (failures === loading.failures && !isClosed)) throw cause
        // The store is closed and opened again under it
        await commit.idle()
        await loading.ready
        continue
      }
      // Else it was made anew while it was read
      const isCurrent = documents.loaded(name) === document
      if (isCurrent && !document.isStale) return document
      // An edit that was refused is in memory only; what was taken before it is on its way to the disk
      if (isCurrent) await context.commit.idle()
      if (documents.loaded(name)?.isStale === true) documents.drop(name)
    }
  }
}

function asSpaceError(cause: unknown): unknown {
  const isOfStore = cause instanceof Error && cause.name === 'StoreError'
  return isOfStore ? new SpaceError('fenced', `Not saved. ${cause.message}`, { cause }) : cause
}
