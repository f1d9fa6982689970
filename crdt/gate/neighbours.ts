import type * as Y from 'yjs'
import { type Clump, type Draft, type Id, isSameId, type NewItem, type Parent } from './draft.ts'
import { Refusal } from './refusal.ts'

/** Where an item goes: its neighbours in the author's list, and the list they are in. */
export interface Place {
  readonly left: Id | null
  readonly right: Id | null
  readonly parent: Parent
  readonly key: string | null
}

/**
 * Refuses an item whose right neighbour is not really to the right of its left one in the same list. Yjs never asks, and puts such
 * an item at one place live and at another after a reload (Kleppmann 2022 names this check among the preconditions).
 *
 * The order of two items of a list never changes once both are there, so the verdict is the same on every replica. An item of the same
 * update is compared with the neighbours it was written between; an honest author's items always touch their neighbours.
 *
 * Tells whether the item lies between neighbours that do not touch, as an undo of a removed type may leave it.
 */
export function checkNeighbours(draft: Draft, place: Place): Pick<NewItem, 'isLoose' | 'clump'> {
  const { left, right, parent, key } = place
  if (left !== null && isSameId(left, right)) throw new Refusal('order', 'Left and right neighbour are the same')
  if (key !== null && right !== null) throw new Refusal('order', 'A value under a key has a right neighbour')
  const newLeft = left !== null && draft.isNew(left) ? draft.newItem(left.clock) : undefined
  const newRight = right !== null && draft.isNew(right) ? draft.newItem(right.clock) : undefined
  if (newLeft !== undefined && newLeft.clock + newLeft.length - 1 !== left?.clock) {
    throw new Refusal('order', 'The left neighbour is not the end of an item of this update')
  }
  if (newRight !== undefined && newRight.clock !== right?.clock) {
    throw new Refusal('order', 'The right neighbour is not the start of an item of this update')
  }
  if (newLeft === undefined && newRight === undefined) {
    if (left !== null && right !== null) walkRight(draft, left, right)
    const clump = { size: 1 }
    countConflicts(draft, left, right, parent, key, clump)
    return { isLoose: false, clump }
  }
  const { clump } = (newLeft ?? newRight) as NewItem
  clump.size++
  if (newLeft !== undefined && isSameId(newLeft.right, right)) return { isLoose: false, clump }
  if (newRight !== undefined && isSameId(newRight.left, left)) {
    countConflicts(draft, left, anchor(draft, right, 'right'), parent, key)
    return { isLoose: false, clump }
  }
  // Not touching: rare, and only between items whose own place is certain
  if (key !== null || newLeft?.isLoose || newRight?.isLoose) throw new Refusal('order', 'Neighbours do not touch')
  if (newLeft !== undefined) {
    if (!reaches(draft, newLeft, right, 'right')) throw new Refusal('order', 'The right neighbour is not to the right')
  } else if (newRight !== undefined && !reaches(draft, newRight, left, 'left')) {
    throw new Refusal('order', 'The left neighbour is not to the left')
  }
  return { isLoose: true, clump }
}

/** Links an accepted item between its neighbours, as the author's list had it. */
export function linkNeighbours(draft: Draft, item: NewItem): void {
  const { left, right } = item
  const last = { client: draft.rules.client, clock: item.clock + item.length - 1 }
  if (left !== null && draft.isNew(left)) draft.newItem(left.clock).right = { ...last, clock: item.clock }
  if (right !== null && draft.isNew(right)) draft.newItem(right.clock).left = last
}

/** Follows new items to one side until `target` is met, or known items take over and lead to it. */
function reaches(draft: Draft, from: NewItem, target: Id | null, side: 'left' | 'right'): boolean {
  let at = from[side]
  while (at !== null && draft.isNew(at)) {
    draft.step()
    if (isSameId(at, target)) return true
    const item = draft.newItem(at.clock)
    if (item.isLoose) return false
    at = item[side]
  }
  if (target === null) return true
  if (at === null || draft.isNew(target)) return false
  if (isSameId(at, target)) return true
  if (side === 'right') walkRight(draft, at, target)
  else walkRight(draft, target, at)
  return true
}

/** The first neighbour to one side that the document knows. */
function anchor(draft: Draft, id: Id | null, side: 'left' | 'right'): Id | null {
  let at = id
  while (at !== null && draft.isNew(at)) {
    draft.step()
    at = draft.newItem(at.clock)[side]
  }
  return at
}

/** Walks the document's own list; ends at `right`, or refuses. */
function walkRight(draft: Draft, left: Id, right: Id): void {
  const from = draft.knownItem(left)
  const to = draft.knownItem(right)
  if (from === to) {
    if (right.clock > left.clock) return
    throw new Refusal('order', 'The right neighbour is to the left of the left one')
  }
  if (from.parent !== to.parent) throw new Refusal('order', 'The neighbours are in different lists')
  for (let item = from.right; item !== to; item = item.right) {
    if (item === null) throw new Refusal('order', 'The right neighbour is not to the right of the left one')
    draft.step()
  }
}

/**
 * Counts the items that Yjs will compare with when it integrates here, by the same rule that ends its search (Item.integrate). A new
 * clump lies somewhere on the way of that search, as may clumps before it: nobody honest writes two across the same place.
 */
function countConflicts(
  draft: Draft,
  left: Id | null,
  right: Id | null,
  parent: Parent,
  key: string | null,
  clump?: Clump
): void {
  const end = right === null ? null : draft.knownItem(right)
  const from = left === null ? null : draft.knownItem(left)
  if (clump !== undefined) draft.addToGap(from ?? draft.startOf(parent, key), clump)
  if (from !== null && (from === end || from.right === end)) return
  let other = from === null ? firstItem(draft, parent, key) : from.right
  const before = new Set<Y.Item | null>(from === null ? [] : [from])
  while (other !== null && other !== end) {
    draft.step()
    before.add(other)
    if (!isSameId(other.origin, left) && (other.origin === null || !before.has(draft.knownItem(other.origin)))) return
    if (clump !== undefined) draft.addToGap(other, clump)
    other = other.right
  }
}

function firstItem(draft: Draft, parent: Parent, key: string | null): Y.Item | null {
  if (parent.known === undefined) return null
  if (key === null) return parent.known._start
  let item = parent.known._map.get(key) ?? null
  while (item !== null && item.left !== null) {
    draft.step()
    item = item.left
  }
  return item
}
