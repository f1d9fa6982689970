import { type Draft, nothing } from './draft.ts'

export interface Pending {
  readonly file: File
  /** How many bytes of it are stored; absent until it is sent */
  readonly done?: number
}

/** All that is meant for one conversation and has not gone. */
export interface Unsent {
  readonly draft: Draft
  readonly files: readonly Pending[]
  readonly isBusy: boolean
}

const empty: Unsent = { draft: nothing, files: [], isBusy: false }

/** What was not sent yet, by conversation: it is there again when one comes back, as long as the page lives. */
export class Drafts {
  readonly #unsent = new Map<string, Unsent>()
  readonly #begun = new Map<string, string>()
  readonly #listeners = new Set<() => void>()

  of(who: string): Unsent {
    return this.#unsent.get(this.#placeOf(who)) ?? empty
  }

  change(who: string, change: (now: Unsent) => Partial<Unsent>): void {
    const now = this.of(who)
    this.#unsent.set(this.#placeOf(who), { ...now, ...change(now) })
    for (const listener of this.#listeners) listener()
  }

  /** What was written to a person before there was a conversation with them belongs to that. */
  begin(person: string, conversation: string): void {
    if (this.#begun.has(person)) return
    const unsent = this.#unsent.get(person)
    this.#begun.set(person, conversation)
    if (unsent !== undefined) this.#unsent.set(conversation, unsent)
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #placeOf(who: string): string {
    return this.#begun.get(who) ?? who
  }
}
