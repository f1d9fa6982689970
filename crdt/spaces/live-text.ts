import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { LogId } from '../log/index.ts'
import type { LiveDocument } from './live-document.ts'
import { LivePresence, type PresenceChannel } from './live-presence.ts'
import type { SpaceLogger } from './spaces.ts'
import { TextListeners } from './text-listeners.ts'
import type { PlacedRun } from './typed-runs.ts'

export interface EditOptions {
  /** What stands beside somebody's cursor, whatever they say themselves; default nothing. */
  readonly nameOf?: (author: LogId) => string
}

export interface LiveTextEvents {
  /** `text` is another from now on: show that. What was typed and not stored is in it. */
  text: { readonly text: Y.Text }
  /** `state` has changed. */
  state: { readonly state: LiveText['state'] }
  /** An edit was taken back; a sentence for the owner says why. */
  refused: { readonly reason: string }
}

/** A text in an editor, as `yCollab(live.text, live.awareness)` of y-codemirror.next takes it. */
export interface LiveText {
  readonly document: string
  /** Write in it directly; another one after the event `text`. */
  readonly text: Y.Text
  /**
   * Who else is there, and where: see `ShownPresence`. What is set as the own `cursor` is shown to them, with what is typed while it is set,
   * and stored nowhere.
   */
  readonly awareness: Awareness
  /** What a device types and has not arrived here, by its client id in `awareness`: to be shown in the text. */
  typedBy(client: number): readonly PlacedRun[]
  /** `unsaved`: the store takes nothing now; what was typed is kept in memory and stored as soon as it does. */
  readonly state: 'saved' | 'saving' | 'unsaved'
  /** Whether this device may write it now. */
  readonly isWritable: boolean
  on<K extends keyof LiveTextEvents>(event: K, listener: (detail: LiveTextEvents[K]) => void): () => void
  /** Resolves when everything that was typed is stored. */
  saved(): Promise<void>
  /** Takes the own cursor away. What was typed is stored all the same. */
  close(): void
}

export interface LiveTextInit {
  readonly document: string
  readonly live: LiveDocument
  readonly channel: PresenceChannel
  readonly mayWrite: () => boolean
  readonly log: SpaceLogger
}

export class LocalLiveText implements LiveText {
  readonly document: string
  readonly #init: LiveTextInit
  readonly #presence: LivePresence
  readonly #listeners: TextListeners
  readonly #failed = (error: unknown) => this.#init.log.error('A listener failed', error)
  readonly #editor = {
    replaced: () => {
      try {
        this.#presence.textReplaced(this.text)
      } catch (error) {
        // Of somebody who listens to the awareness, and must not keep the editor from its text
        this.#failed(error)
      }
      this.#listeners.tell('text', { text: this.text })
    },
    changed: () => this.#listeners.changed(),
    refused: (reason: string) => this.#listeners.tell('refused', { reason }),
    shows: (transaction: Y.Transaction) => this.#presence.shows(transaction)
  }

  constructor(init: LiveTextInit, { nameOf }: EditOptions = {}) {
    this.document = init.document
    this.#init = init
    this.#presence = new LivePresence({ channel: init.channel, client: init.live.client, text: init.live.text, nameOf })
    this.#listeners = new TextListeners(() => this.state, this.#failed)
    init.live.add(this.#editor)
  }

  get text(): Y.Text {
    return this.#init.live.text
  }

  get awareness(): Awareness {
    return this.#presence.awareness
  }

  typedBy(client: number): readonly PlacedRun[] {
    return this.#presence.typedBy(client)
  }

  get state(): LiveText['state'] {
    return this.#init.live.state
  }

  get isWritable(): boolean {
    return this.#init.mayWrite()
  }

  on<K extends keyof LiveTextEvents>(event: K, listener: (detail: LiveTextEvents[K]) => void): () => void {
    return this.#listeners.on(event, listener)
  }

  saved(): Promise<void> {
    this.#init.live.store()
    return this.#listeners.saved()
  }

  close(): void {
    this.#presence.close()
    this.#init.live.remove(this.#editor)
  }
}
