import * as Y from 'yjs'
import { Refusal } from './refusal.ts'
import { type GateRules, MAX_DEPTH, MAX_STEPS } from './rules.ts'
import { depthOfType, kindOfRoot, kindOfType, type TypeKind } from './type-kinds.ts'

/** A place in a log of one client, as Yjs names characters and elements. */
export interface Id {
  readonly client: number
  readonly clock: number
}

/** A type that may hold items: a root, a type in the document, or one that this update makes. */
export interface Parent {
  readonly kind: TypeKind
  /** Absent for a type that this update makes, or a root that nothing was written to. */
  readonly known?: Y.AbstractType<unknown>
  /** 0 for a root; counted only where a new type asks. */
  depth(): number
}

/** An item of the update under test, with its neighbours in the author's list at the time of writing. */
export interface NewItem {
  readonly clock: number
  readonly length: number
  readonly parent: Parent
  readonly key: string | null
  /** What it makes, if it is a type. */
  readonly type?: Parent
  left: Id | null
  right: Id | null
  /** Those of this update that lie together, between items of the document. */
  readonly clump: Clump
  /** Written between neighbours that did not touch: its place among other new items is not known for certain. */
  isLoose: boolean
}

/** New items that hang together. */
export interface Clump {
  size: number
}

/** Whether two ids, either of which may be absent, are the same. */
export function isSameId(a: Id | null, b: Id | null): boolean {
  return a === b || (a !== null && b !== null && a.client === b.client && a.clock === b.clock)
}

/** What is known while one update is read: the document, which is never changed, and the items before the current one. */
export class Draft {
  readonly doc: Y.Doc
  readonly rules: GateRules
  /** First clock of the update. */
  readonly base: number
  /** Next clock of the author. */
  clock: number
  readonly items: NewItem[] = []
  /** Clumps that may lie right of an item of the document, or at the start of a list. */
  readonly #gaps = new Map<unknown, Clump[]>()
  readonly #starts = new Map<Parent, Map<string | null, object>>()
  readonly #roots = new Map<string, Parent>()
  readonly #parents = new Map<Y.AbstractType<unknown>, Parent>()
  #steps = 0

  constructor(doc: Y.Doc, rules: GateRules) {
    this.doc = doc
    this.rules = rules
    this.base = Y.getState(doc.store, rules.client)
    this.clock = this.base
  }

  /** Counts the work done; a document that makes it too much leaves the update held. */
  step(count = 1): void {
    this.#steps += count
    if (this.#steps > MAX_STEPS) throw new Refusal('overrun', 'Too many items had to be looked at')
  }

  /** Whoever is put here later has to be compared with the clump, and it with all that are here already. */
  addToGap(gap: unknown, clump: Clump): void {
    const clumps = this.#gaps.get(gap)
    if (clumps === undefined) {
      this.#gaps.set(gap, [clump])
      return
    }
    for (const { size } of clumps) this.step(size)
    clumps.push(clump)
  }

  /** Stands for what lies left of the first item of a list. */
  startOf(parent: Parent, key: string | null): object {
    const keys = this.#starts.get(parent) ?? new Map<string | null, object>()
    const start = keys.get(key) ?? {}
    this.#starts.set(parent, keys.set(key, start))
    return start
  }

  isNew(id: Id): boolean {
    return id.client === this.rules.client && id.clock >= this.base
  }

  /** The item of this update that holds a clock. Ids are dense, so that a search by halves finds it. */
  newItem(clock: number): NewItem {
    let low = 0
    let high = this.items.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const item = this.items[middle] as NewItem
      if (clock < item.clock) high = middle - 1
      else if (clock >= item.clock + item.length) low = middle + 1
      else return item
    }
    throw new Refusal('origin', 'A neighbour or parent is not known')
  }

  /** The item of the document that holds an id. */
  knownItem(id: Id): Y.Item {
    const structs = this.doc.store.clients.get(id.client)
    if (structs === undefined || id.clock >= Y.getState(this.doc.store, id.client)) {
      const lacks = { client: id.client, clock: id.clock + 1 }
      throw new Refusal('missing', 'A neighbour or parent of another author is not known here', lacks)
    }
    const struct = structs[Y.findIndexSS(structs, id.clock)]
    // Documents made by createDoc() keep the structure of what was deleted, so that verdicts do not depend on clean-up
    if (!(struct instanceof Y.Item)) throw new Refusal('origin', 'A neighbour or parent was cleaned up')
    return struct
  }

  root(name: string): Parent {
    const cached = this.#roots.get(name)
    if (cached !== undefined) return cached
    // Never doc.get(), which would create the type
    const known = this.doc.share.get(name) as Y.AbstractType<unknown> | undefined
    const parent: Parent = { kind: kindOfRoot(name, this.rules), known, depth: () => 0 }
    this.#roots.set(name, parent)
    return parent
  }

  parentById(id: Id): Parent {
    if (this.isNew(id)) {
      const item = this.newItem(id.clock)
      if (item.type === undefined) throw new Refusal('parent', 'A parent is not a type')
      return item.type
    }
    const item = this.knownItem(id)
    if (!(item.content instanceof Y.ContentType)) throw new Refusal('parent', 'A parent is not a type')
    return this.parentOf(item.content.type)
  }

  /** The parent of an item of the document. */
  parentOf(type: Y.AbstractType<unknown>): Parent {
    const cached = this.#parents.get(type)
    if (cached !== undefined) return cached
    const kind = kindOfType(type, this.doc, this.rules)
    const parent: Parent = { kind, known: type, depth: () => depthOfType(type, MAX_DEPTH) }
    this.#parents.set(type, parent)
    return parent
  }
}
