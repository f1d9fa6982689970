import type { SpaceKind } from '../documents/index.ts'
import { keysDocument } from './keys-kind.ts'
import type { OpenSpace } from './open-space.ts'
import type { Space } from './space.ts'
import type { SpacesContext } from './spaces-context.ts'

/** Which of the spaces that are here are open: those that the owner has accepted, here or on another device. */
export class SpaceAcceptance {
  readonly #context: SpacesContext

  constructor(context: SpacesContext) {
    this.#context = context
  }

  /** A space is here from now on. The private one brings the keys of those that other devices accept. */
  add(found: OpenSpace): void {
    const { spaces, log } = this.#context
    spaces.add(found)
    if (spaces.isSelf(found)) {
      found.space.on('rows', ({ kind }) => {
        if (kind === keysDocument) void this.#keysArrived().catch(cause => log.warn('Keys were not taken', cause))
      })
    }
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
    const { spaces, keeper, turns } = this.#context
    for (const found of spaces) {
      if (spaces.isSelf(found)) continue
      await keeper.take(found, [])
      const { id, kind, policy, state, text } = found.space
      if (state !== 'offered' || !this.replicates(kind, policy) || !(await keeper.isAccepted(text, found.membership)))
        continue
      await turns.take(id, () => this.#open(found))
    }
  }
}
