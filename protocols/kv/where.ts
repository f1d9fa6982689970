import { decode, encode } from '../../crdt/crypto/index.ts'
import type { Space } from '../../crdt/index.ts'
import type { Entry } from '../../crdt/key-value/index.ts'
import { isUsable } from './family.ts'

/** Where a namespace is, for this device. */
export interface Where {
  /** The registry knows the name */
  readonly exists: boolean
  /** Id of the space where it is, unless it is in the private one */
  readonly space?: string
  /** Nothing is left to move there, by what this device has */
  readonly moved: boolean
  /** There is a space, and the registry names none */
  readonly isUnsaid: boolean
  /** It is for this device to write where it is: the registry does not name one that goes before and is yet to come here */
  readonly isToSay: boolean
  /** Other spaces that were made for it and of which something is here */
  readonly others: readonly Space[]
}

/**
 * Where a namespace is, by its row in the registry and the spaces that the owner's devices made under its name. Each of these devices has
 * written the row, and the row shows one of them: the order of ids decides instead, alike on every device that has them.
 */
export async function whereIs(
  entry: Entry | undefined,
  family: readonly Space[],
  isTaken: (space: Space, other: Space) => Promise<boolean>
): Promise<Where> {
  const exists = entry !== undefined
  // Written by one of the owner's devices
  const row = decode(entry?.value ?? encode({})) as { space?: string; moved?: boolean }
  const said = row.space
  const isUnsaid = said === undefined
  const place = family.find(isUsable)
  const [first] = [...family.map(({ text }) => text), ...(isUnsaid ? [] : [said])].sort()
  if (first === undefined) return { exists, moved: false, isUnsaid: false, isToSay: true, others: [] }
  // None can be used yet: the one that is to be is waited for
  if (place === undefined) {
    return { exists, space: first, moved: row.moved === true, isUnsaid, isToSay: true, others: [] }
  }
  const space = place.text
  const others = family.filter(other => other !== place && other.state !== 'offered')
  const taken = await Promise.all(others.map(other => isTaken(place, other)))
  const isAhead = said !== undefined && said < space
  const isSaid = isAhead || (said === space && row.moved === true)
  return { exists, space, moved: isSaid && !taken.includes(false), isUnsaid, isToSay: !isAhead, others }
}
