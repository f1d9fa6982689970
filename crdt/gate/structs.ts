import type * as Y from 'yjs'
import { newType, readContent, readKey } from './content.ts'
import type { Draft, Id, NewItem, Parent } from './draft.ts'
import { checkNeighbours, linkNeighbours } from './neighbours.ts'
import { Refusal } from './refusal.ts'
import { MAX_CLOCK, MAX_DEPTH, MAX_STRUCTS } from './rules.ts'
import { checkContent } from './type-kinds.ts'
import type { UpdateReader } from './update-reader.ts'

// Bits of the first byte of a struct (Yjs Item.write)
const HAS_LEFT = 0x80
const HAS_RIGHT = 0x40
const HAS_KEY = 0x20
const CONTENT_REF = 0x1f

/** Reads the first half of an update: at most one author, clocks that follow on, items that fit. Returns how many. */
export function readStructs(reader: UpdateReader, draft: Draft): number {
  const authors = reader.uint()
  if (authors === 0) return 0
  if (authors !== 1) throw new Refusal('author', 'An update has more than one author')
  const count = reader.uint()
  if (count === 0) throw new Refusal('struct', 'An author is named without a struct')
  if (count > (draft.rules.maxStructs ?? MAX_STRUCTS)) throw new Refusal('size', 'The update has too many structs')
  if (reader.uint() !== draft.rules.client) throw new Refusal('author', 'The client id is not that of the author')
  if (reader.uint() !== draft.base) throw new Refusal('clock', 'The update does not follow on from the known clock')
  for (let i = 0; i < count; i++) readStruct(reader, draft)
  return count
}

function readStruct(reader: UpdateReader, draft: Draft): void {
  const info = reader.byte()
  const ref = info & CONTENT_REF
  // 0 is GC, 10 Skip: no document made by createDoc() writes them, and they would hide what others order themselves by
  if (ref === 0 || ref === 10) throw new Refusal('struct', 'A struct without content is not allowed')
  const left = (info & HAS_LEFT) === 0 ? null : readId(reader)
  const right = (info & HAS_RIGHT) === 0 ? null : readId(reader)
  let parent: Parent
  let key: string | null
  if (left === null && right === null) {
    parent = readParent(reader, draft)
    key = (info & HAS_KEY) === 0 ? null : readKey(reader)
  } else {
    const list = listOf(draft, (left ?? right) as Id)
    parent = list.parent
    key = list.key
    if (((info & HAS_KEY) !== 0) !== (key !== null)) throw new Refusal('parent', 'An item denies the key of its list')
  }
  const content = readContent(reader, ref, draft.rules.maxDeletedLength)
  if (content.length === 0) throw new Refusal('struct', 'A struct is empty')
  checkContent(parent.kind, key, content.kind, content.type)
  const type = content.type === undefined ? undefined : newType(content.type, parent)
  if (type !== undefined && type.depth() > MAX_DEPTH) throw new Refusal('nesting', 'A type is nested too deeply')
  const { isLoose, clump } = checkNeighbours(draft, { left, right, parent, key })
  const item: NewItem = { clock: draft.clock, length: content.length, parent, key, type, left, right, clump, isLoose }
  draft.clock += content.length
  if (draft.clock > MAX_CLOCK) throw new Refusal('clock', 'The clock of the author is used up')
  draft.items.push(item)
  linkNeighbours(draft, item)
}

function readId(reader: UpdateReader): Id {
  const id = { client: reader.uint(), clock: reader.uint() }
  if (id.clock >= MAX_CLOCK) throw new Refusal('origin', 'A clock is beyond what any author can reach')
  return id
}

function readParent(reader: UpdateReader, draft: Draft): Parent {
  const isRoot = reader.uint()
  if (isRoot === 1) return draft.root(reader.string())
  if (isRoot !== 0) throw new Refusal('encoding', 'A parent is neither a root nor an id')
  return draft.parentById(readId(reader))
}

/** The list that a neighbour is in. Yjs takes it from the left one, else from the right one. */
function listOf(draft: Draft, neighbour: Id): { parent: Parent; key: string | null } {
  if (draft.isNew(neighbour)) return draft.newItem(neighbour.clock)
  const item = draft.knownItem(neighbour)
  return { parent: draft.parentOf(item.parent as Y.AbstractType<unknown>), key: item.parentSub }
}
