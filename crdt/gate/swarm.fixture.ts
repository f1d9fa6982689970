import { expect } from 'chai'
import fc from 'fast-check'
import * as Y from 'yjs'
import { createDoc, type GateRules, gate } from './index.ts'

/** One thing that happens in a swarm: a replica edits something, or receives what others wrote. */
export interface Step {
  readonly replica: number
  readonly action:
    | 'text'
    | 'list'
    | 'map'
    | 'tree'
    | 'nest'
    | 'delete'
    | 'format'
    | 'undo'
    | 'redo'
    | 'receive'
    | 'reload'
  readonly at: number
  readonly size: number
}

export const step: fc.Arbitrary<Step> = fc.record({
  replica: fc.nat({ max: 2 }),
  action: fc.constantFrom<Step['action'][]>(
    'text',
    'text',
    'list',
    'list',
    'map',
    'map',
    'tree',
    'nest',
    'nest',
    'delete',
    'delete',
    'format',
    'undo',
    'redo',
    'receive',
    'receive',
    'reload'
  ),
  at: fc.nat({ max: 1000 }),
  size: fc.integer({ min: 1, max: 5 })
})

interface Entry {
  readonly update: Uint8Array
  readonly author: number
  /** Entries of each author that it builds on. */
  readonly deps: readonly number[]
}

/** Replicas that exchange updates in causal order through the gate, as the log does outside Yjs. */
export class Swarm {
  readonly docs: Y.Doc[]
  readonly refused: string[] = []
  readonly logs: Entry[][]
  readonly #taken: number[][]
  readonly #undo: Y.UndoManager[]
  readonly #rules: (client: number) => GateRules
  readonly #gate: typeof gate

  /** @param judge the gate, or something around it */
  constructor(size: number, rules: (client: number) => GateRules, judge = gate) {
    this.#rules = rules
    this.#gate = judge
    this.docs = Array.from({ length: size }, (_, i) => this.#open(i))
    this.logs = this.docs.map(() => [])
    this.#taken = this.docs.map(() => this.docs.map(() => 0))
    this.#undo = this.docs.map(doc => undoOf(doc))
  }

  take({ replica, action, at, size }: Step): void {
    const doc = this.docs[replica] as Y.Doc
    if (action === 'receive') {
      this.receive(replica, at % this.docs.length, size)
      return
    }
    if (action === 'reload') {
      this.#reload(replica)
      return
    }
    if (action === 'undo' || action === 'redo') {
      this.#undo[replica]?.[action]()
      return
    }
    // A tick may hold several edits
    doc.transact(() => {
      for (let i = 0; i < size; i++) change(doc, i % 2 === 0 ? action : 'text', at + i * 7, size)
    })
  }

  receive(replica: number, author: number, most: number): void {
    const taken = this.#taken[replica] as number[]
    for (let i = 0; i < most; i++) {
      const entry = this.logs[author]?.[taken[author] as number]
      if (entry === undefined || author === replica) return
      if (entry.deps.some((needed, of) => of !== author && (taken[of] as number) < needed)) return
      const verdict = this.#gate(this.docs[replica] as Y.Doc, entry.update, this.#rules(clientOf(author)))
      if (!verdict.ok) this.refused.push(`${verdict.reason}: ${verdict.message}`)
      Y.applyUpdate(this.docs[replica] as Y.Doc, entry.update, 'remote')
      taken[author] = (taken[author] as number) + 1
    }
  }

  settle(): void {
    for (let round = 0; round < 1000; round++) {
      const before = JSON.stringify(this.#taken)
      for (const replica of this.docs.keys()) {
        for (const author of this.docs.keys()) this.receive(replica, author, 1000)
      }
      if (JSON.stringify(this.#taken) === before) return
    }
  }

  checkConverged(): void {
    const views = this.docs.map(view)
    for (const other of views) expect(other).to.deep.equal(views[0])
    for (const doc of this.docs) {
      expect(doc.store.pendingStructs).to.equal(null)
      const again = createDoc()
      Y.applyUpdate(again, Y.encodeStateAsUpdate(doc))
      expect(view(again)).to.deep.equal(views[0])
    }
  }

  #open(replica: number, state?: Uint8Array): Y.Doc {
    const doc = createDoc()
    if (state !== undefined) Y.applyUpdate(doc, state, 'remote')
    doc.clientID = clientOf(replica)
    for (const touch of ['getText', 'getArray', 'getMap', 'getXmlFragment'] as const) doc[touch](ROOTS[touch])
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'remote') return
      const own = this.logs[replica] as Entry[]
      const taken = this.#taken[replica] as number[]
      own.push({ update, author: replica, deps: taken.slice() })
      taken[replica] = own.length
    })
    return doc
  }

  #reload(replica: number): void {
    const old = this.docs[replica] as Y.Doc
    const doc = this.#open(replica, Y.encodeStateAsUpdate(old))
    old.destroy()
    this.docs[replica] = doc
    this.#undo[replica] = undoOf(doc)
  }
}

const ROOTS = { getText: 'text', getArray: 'list', getMap: 'map', getXmlFragment: 'tree' } as const

function undoOf(doc: Y.Doc): Y.UndoManager {
  const scope = [doc.getText('text'), doc.getArray('list'), doc.getMap('map'), doc.getXmlFragment('tree')]
  return new Y.UndoManager(scope, { captureTimeout: 0 })
}

function clientOf(replica: number): number {
  return (replica + 1) * 65536 + 1
}

function view(doc: Y.Doc): unknown {
  return {
    text: doc.getText('text').toString(),
    list: doc.getArray('list').toJSON(),
    map: doc.getMap('map').toJSON(),
    tree: doc.getXmlFragment('tree').toString()
  }
}

function change(doc: Y.Doc, action: Step['action'], at: number, size: number): void {
  const text = doc.getText('text')
  const list = doc.getArray<unknown>('list')
  const map = doc.getMap<unknown>('map')
  const tree = doc.getXmlFragment('tree')
  switch (action) {
    case 'text':
      text.insert(at % (text.length + 1), ['b', 'zü', 'abc', 'grün', 'hello'][size - 1] as string)
      return
    case 'format':
      if (text.length > 0)
        text.format(at % text.length, Math.min(size, text.length - (at % text.length)), { bold: at % 2 === 0 || null })
      return
    case 'list':
      list.insert(at % (list.length + 1), at % 3 === 0 ? [new Uint8Array([at])] : [at, 'x', { a: size }].slice(0, size))
      return
    case 'map':
      if (at % 4 === 0) map.delete(`k${at % 5}`)
      else map.set(`k${at % 5}`, at)
      return
    case 'nest': {
      const nested = list.toArray().filter(item => item instanceof Y.Array) as Y.Array<unknown>[]
      const parent = nested[at % 3] ?? list
      if (at % 3 === 0) map.set(`n${at % 4}`, new Y.Map([['in', new Y.Array<unknown>()]]))
      else parent.insert(at % (parent.length + 1), [new Y.Array<unknown>(), at])
      return
    }
    case 'tree': {
      const element = tree.length > 0 ? tree.get(at % tree.length) : undefined
      if (element instanceof Y.XmlElement && at % 3 > 0) {
        element.setAttribute(`a${at % 3}`, String(at))
        element.insert(0, [new Y.XmlText('t')])
      } else tree.insert(at % (tree.length + 1), [new Y.XmlElement('p')])
      return
    }
    case 'delete': {
      const target = [text, list, tree][at % 3] as Y.Text | Y.Array<unknown> | Y.XmlFragment
      if (target.length > 0) target.delete(at % target.length, Math.min(size, target.length - (at % target.length)))
      return
    }
    default:
  }
}
