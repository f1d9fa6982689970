import { equals } from 'uint8arrays/equals'
import { nameOfSpace, toPlainName, twinToText } from '../../crdt/identity/index.ts'
import type { Space } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'

/** What is asked of the contact list; `Contacts` is one. */
export interface People {
  /** @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit */
  resolve(who: string): { readonly id: string; readonly name: string; readonly state: string }
  nameOf(twin: string): string
}

/** How many candidates an error names. */
const maxNamed = 4
const idPattern = /^[0-9a-f]{6,64}$/

/** How a space is called here: what its owner types, and what lists show. */
export function titleOf(space: Space, people: Pick<People, 'nameOf'>, myId: string): string {
  if (space.kind === 'self') return 'self'
  if (space.kind === 'direct') {
    const other = otherOf(space, myId)
    return other === undefined ? shortOf(space) : people.nameOf(other)
  }
  const decider = twinToText(space.decider)
  if (space.kind === 'group' || decider === myId) return nameOfSpace(space)
  return `${people.nameOf(decider)}/${nameOfSpace(space)}`
}

/**
 * Which space is meant by its title, the id of who is in a conversation, its bare name, or the beginning of its id.
 *
 * @throws {ProtocolError} `NotFound`, or `FailedPrecondition` with the candidates when several fit
 */
export function findSpace(text: string, spaces: readonly Space[], people: Pick<People, 'nameOf'>, myId: string): Space {
  const wanted = fold(text)
  const title = (space: Space) => titleOf(space, people, myId)
  const readings: ((space: Space) => boolean)[] = [
    space => space.text === wanted,
    space => fold(title(space)) === wanted || otherOf(space, myId) === text.trim(),
    space => wanted !== '' && fold(toPlainName(space.name)) === wanted,
    space => idPattern.test(wanted) && space.text.startsWith(wanted)
  ]
  for (const reading of readings) {
    const [first, ...more] = spaces.filter(reading)
    if (first === undefined) continue
    if (more.length === 0) return first
    const all = [first, ...more]
    // Of several that were made for one namespace the one with the lowest id is it (FORMATS 16)
    if (all.every(space => isSameNamespace(space, first))) return all.sort((a, b) => (a.text < b.text ? -1 : 1))[0]!
    const named = all.slice(0, maxNamed).map(space => `${title(space).slice(0, 40)} (${space.kind} ${shortOf(space)})`)
    const rest = all.length > maxNamed ? ` and ${all.length - maxNamed} more` : ''
    throw new ProtocolError('FailedPrecondition', `Several fit: ${named.join(', ')}${rest}; name one by its id`)
  }
  throw new ProtocolError('NotFound', 'No space is called this')
}

export function fold(text: string): string {
  return text.normalize('NFC').trim().toLowerCase()
}

function isSameNamespace(space: Space, other: Space): boolean {
  const isBoth = [space, other].every(({ kind, policy }) => kind === 'shared' && policy === '')
  return isBoth && space.name === other.name && equals(space.decider, other.decider)
}

/** Twin id of the other in a conversation. */
function otherOf(space: Space, myId: string): string | undefined {
  if (space.kind !== 'direct') return undefined
  return space
    .members()
    .map(({ twin }) => twinToText(twin))
    .find(id => id !== myId)
}

/** Ids are hashes: this much of one is enough to tell a person's spaces apart. */
function shortOf(space: Space): string {
  return space.text.slice(0, 8)
}
