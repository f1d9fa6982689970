import type { Space, Spaces } from '../../crdt/index.ts'
import { hasTaken } from './shared-content.ts'

/**
 * Spaces of one maker under one name, made on devices that did not know of each other's, in the order of their ids. The first one is the
 * namespace; it takes what the others have.
 */
export function familyOf(spaces: readonly Space[], isOf: (space: Space) => boolean, name: string): Space[] {
  const family = spaces.filter(space => space.name === name && isOf(space))
  return family.length < 2 ? family : family.sort((a, b) => (a.text < b.text ? -1 : 1))
}

/** Families that are asked for with every row that is written: looking through all spaces each time would cost more with each of them. */
export class Families {
  /** Whether somebody calls `clear` when a space has come or changed; until then nothing is kept. */
  isWatched = false
  readonly #spaces: Pick<Spaces, 'list'>
  readonly #known = new Map<string, readonly Space[]>()

  constructor(spaces: Pick<Spaces, 'list'>) {
    this.#spaces = spaces
  }

  /** @param key what the answer is kept under */
  find(key: string, isOf: (space: Space) => boolean, name: string): readonly Space[] {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const family = familyOf(this.#spaces.list(), isOf, name)
    if (this.isWatched) this.#known.set(key, family)
    return family
  }

  clear(): void {
    this.#known.clear()
  }
}

/** Whether it can be read and written here. */
export function isUsable(space: Space): boolean {
  return space.state === 'open' && space.hasKey
}

/**
 * The one of a family that is open and whose entries no other open one has. Of several the last: the one before it was opened to take its
 * place, and does once it has what is shown.
 */
export async function shownOf(family: readonly Space[]): Promise<Space | undefined> {
  const open = family.filter(({ state }) => state === 'open')
  if (open.length < 2) return open[0]
  for (const space of [...open].reverse()) {
    const takers = open.filter(other => other !== space)
    const taken = await Promise.all(takers.map(taker => hasTaken(taker, space)))
    if (!taken.includes(true)) return space
  }
  return open[0]
}
