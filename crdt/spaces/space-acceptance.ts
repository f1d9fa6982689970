import type { SpaceKind } from '../documents/index.ts'
import { isOfClosedStore } from '../store/index.ts'
import { keysDocument } from './keys-kind.ts'
import type { OpenSpace } from './open-space.ts'
import type { Space } from './space.ts'
import type { SpacesContext } from './spaces-context.ts'

/** Which of the spaces that are here are open: those that the owner has accepted, here or on another device. */
export class SpaceAcceptance {
  readonly #context: SpacesContext
  /** Keys that arrived were not taken: it is tried again with the next write that works. */
  #isOwed = false

  constructor(context: SpacesContext) {
    this.#context = context
    context.news.followUps.on('stored', () => {
      if (this.#isOwed) void this.#takeKeys()
    })
  }

  /** A space is here from now on. The private one brings the keys of those that other devices accept. */
  add(found: OpenSpace): void {
    const { spaces } = this.#context
    spaces.add(found)
    if (spaces.isSelf(found)) {
      found.space.on('rows', ({ kind }) => {
        if (kind === keysDocument) void this.#keysArrived()
      })
    }
  }

  /** Call after a start: it may have been stopped between the keys of a space and its state. */
  async resume(): Promise<void> {
    for (const found of this.#context.spaces) if (found.space.state === 'offered') await this.#openAccepted(found)
  }

  async accept(id: Uint8Array): Promise<Space> {
    const { spaces, turns } = this.#context
    const found = spaces.need(id)
    await turns.take(id, () => this.#open(found))
    return found.space
  }

  /** Whether a space of the own twin is kept here unasked. */
  replicates(kind: SpaceKind, policy: string): boolean {
    return kind === 'self' || (this.#context.init.replicates?.(kind, policy) ?? true)
  }

  async #open(found: OpenSpace): Promise<void> {
    const { writes, news, keeper } = this.#context
    const { space } = found
    if (space.state !== 'offered') return
    await writes.state(found, 'open')
    space.context.facts.open()
    news.sync.emit('space', { space: space.id })
    news.owner.emit('open', { space })
    await keeper.keepIfPossible(found)
  }

  /** Another device of this twin has written keys into `self`: of spaces that it has accepted. */
  async #keysArrived(): Promise<void> {
    await this.#takeKeys()
    if (!this.#isOwed) return
    // One failed write is over once the store is opened again
    await this.#context.commit.idle()
    await this.#takeKeys()
  }

  async #takeKeys(): Promise<void> {
    const { spaces, keeper } = this.#context
    this.#isOwed = false
    for (const found of spaces) {
      if (spaces.isSelf(found)) continue
      await keeper.take(found, []).catch(cause => this.#note(cause))
      await this.#openAccepted(found)
    }
  }

  async #openAccepted(found: OpenSpace): Promise<void> {
    const { keeper, turns } = this.#context
    const { id, kind, policy, state, text } = found.space
    if (state !== 'offered' || !this.replicates(kind, policy)) return
    try {
      if (await keeper.isAccepted(text, found.membership)) await turns.take(id, () => this.#open(found))
    } catch (cause) {
      this.#note(cause)
    }
  }

  #note(cause: unknown): void {
    this.#isOwed = true
    if (!isOfClosedStore(cause)) this.#context.log.warn('The keys of a space were not taken', cause)
  }
}
