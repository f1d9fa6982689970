import { equals } from 'uint8arrays/equals'
import { twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import { Families, familyOf, isUsable, shownOf } from './family.ts'
import { Reviews } from './reviews.ts'
import { opened } from './shared-content.ts'
import { onSpaceRows } from './space-rows.ts'
import { takeContent } from './take-over.ts'
import { until } from './until.ts'

export interface ReceivedNamespacesComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'list' | 'accept' | 'on'>
  /** Whether another twin made it, for values */
  isReceived(space: Space): boolean
  onSpaces(listener: (detail: { space: Space }) => void): () => void
}

/** Somebody else's namespace, by the twin that shares it. */
export interface ReceivedAddress {
  readonly twin: string
  readonly name: string
  /** As the owner wrote it */
  readonly who: string
}

export interface ReceivedInit {
  readonly firstSyncMs: number
  readonly offerMs: number
}

/** Namespaces that others share with this twin. Of several that a maker's devices made under one name, one is shown. */
export class ReceivedNamespaces {
  readonly #components: ReceivedNamespacesComponents
  readonly #init: ReceivedInit
  readonly #reviews = new Reviews()
  readonly #known: Families
  #stopWatching: (() => void) | undefined

  constructor(components: ReceivedNamespacesComponents, init: ReceivedInit) {
    this.#components = components
    this.#init = init
    this.#known = new Families(components.spaces)
  }

  start(): void {
    if (this.#stopWatching !== undefined) return
    const { spaces, isReceived, onSpaces } = this.#components
    const note = (space: Space) => isReceived(space) && this.#reviewSoon(space)
    const stops = [
      onSpaceRows(spaces, isReceived, note),
      onSpaces(({ space }) => {
        this.#known.clear()
        note(space)
      })
    ]
    this.#known.isWatched = true
    this.#stopWatching = () => {
      for (const stop of stops) stop()
    }
    for (const space of spaces.list()) note(space)
  }

  settled(): Promise<void> {
    return this.#reviews.settled()
  }

  async stop(): Promise<void> {
    this.#stopWatching?.()
    await this.#reviews.stop()
  }

  /** One for each name of each maker. */
  async *open(): AsyncGenerator<Space> {
    for (const family of this.#families()) {
      const shown = await shownOf(family)
      if (shown !== undefined) yield shown
    }
  }

  *offered(): Generator<Space> {
    for (const family of this.#families()) if (family.every(({ state }) => state === 'offered')) yield family[0]!
  }

  /** What is shared under a name; accepted if it was not yet. */
  async find({ twin, name, who }: ReceivedAddress, signal?: AbortSignal): Promise<Space> {
    const { spaces, onSpaces, isReceived } = this.#components
    const isTheirs = (space: Space) => isReceived(space) && twinToText(space.decider) === twin
    const find = async () => {
      const family = familyOf(spaces.list(), isTheirs, name)
      return (await shownOf(family)) ?? family.find(({ state }) => state === 'offered')
    }
    const space = await until(find, onSpaces, this.#init.offerMs, signal)
    if (space === undefined) throw new ProtocolError('NotFound', `${who} shares no namespace ${name} with you`)
    return await opened(space, this.#components, this.#init.firstSyncMs, signal)
  }

  #familyOf({ decider, name, text }: Space): readonly Space[] {
    const { isReceived } = this.#components
    return this.#known.find(text, space => isReceived(space) && equals(space.decider, decider), name)
  }

  #families(): (readonly Space[])[] {
    const { spaces, isReceived } = this.#components
    const families = new Map<string, readonly Space[]>()
    for (const space of spaces.list()) {
      const key = `${twinToText(space.decider)}/${space.name}`
      if (isReceived(space) && !families.has(key)) families.set(key, this.#familyOf(space))
    }
    return [...families.values()]
  }

  #reviewSoon(space: Space): void {
    if (this.#familyOf(space).length < 2) return
    this.#reviews.soon(`${twinToText(space.decider)}/${space.name}`, () => this.#review(this.#familyOf(space)))
  }

  /** Goes along to the space that takes the place of one that was accepted, with what is not there yet. */
  async #review(family: readonly Space[]): Promise<void> {
    const [first] = family
    if (first?.state === 'offered' && family.some(isUsable)) await this.#components.spaces.accept(first.id)
    const shown = await shownOf(family)
    const others = family.filter(other => other !== shown && other.state === 'open')
    if (shown === undefined || !isUsable(shown) || shown !== first) return
    await takeContent(shown, others, this.#components)
  }
}
