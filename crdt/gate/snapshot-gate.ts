import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { createDoc } from './create-doc.ts'
import { gate, type Verdict } from './gate.ts'
import { Refusal } from './refusal.ts'
import { type GateRules, MAX_CLOCK } from './rules.ts'
import { type SnapshotStruct, type SplitSnapshot, splitSnapshot } from './split-snapshot.ts'

/** What a snapshot may hold: other than an update it has several authors, each up to a clock that was signed with it. */
export interface SnapshotRules extends Pick<GateRules, 'roots' | 'version'> {
  /** Clock after the last struct of each author: all that there are, and no further. */
  readonly clocks: ReadonlyMap<number, number>
  /** The document to make of it, empty; by default one that nobody else knows. Worthless when the snapshot is refused. */
  readonly doc?: Y.Doc
}

export type SnapshotVerdict = { readonly ok: true; readonly doc: Y.Doc } | Extract<Verdict, { readonly ok: false }>

/** Structs that are judged together; between them the next author gets a turn. */
const maxStructs = 4096

/**
 * Makes a document of a snapshot of somebody else. It is taken apart into updates of one author each, in an order in which each stands
 * after what it builds on, and every one of them has to pass the gate. Nothing but a document of its own is touched.
 */
export function gateSnapshot(
  state: Uint8Array,
  { clocks, roots, version, doc = createDoc() }: SnapshotRules
): SnapshotVerdict {
  try {
    const parts = splitSnapshot(state)
    checkAuthors(parts, clocks)
    doc.transact(() => {
      for (const piece of piecesOf(parts)) apply(doc, state, piece, { roots, version })
      applyDeletes(doc, state.subarray(parts.deletes), { roots, version })
    })
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
      throw new Refusal('missing', 'The snapshot is not complete')
    }
    return { ok: true, doc }
  } catch (error) {
    doc.destroy()
    if (!(error instanceof Refusal)) throw error
    return { ok: false, reason: error.reason, message: error.message, hold: false }
  }
}

/** A snapshot is as long as the document: its parts were bounded before they were put together. */
const unlimited = {
  maxBytes: Number.POSITIVE_INFINITY,
  maxStructs: Number.POSITIVE_INFINITY,
  maxDeletes: Number.POSITIVE_INFINITY,
  maxDeletedLength: MAX_CLOCK
}

/** Leaves the bytes of contents where they are: to copy each costs as much as all the rest. The update is nobody else's. */
class ViewDecoder extends Y.UpdateDecoderV1 {
  override readBuf(): Uint8Array {
    return decoding.readVarUint8Array(this.restDecoder)
  }
}

function checkAuthors({ clocks }: SplitSnapshot, allowed: ReadonlyMap<number, number>): void {
  for (const [client, clock] of clocks) {
    const limit = allowed.get(client)
    if (limit === undefined) throw new Refusal('author', 'The snapshot has an author whose log it does not cover')
    if (clock > limit) throw new Refusal('clock', 'The snapshot is beyond the log that it covers')
  }
  for (const [client, clock] of allowed) {
    if ((clocks.get(client) ?? 0) < clock) throw new Refusal('clock', 'The snapshot lacks what it says to cover')
  }
}

/** Consecutive structs of one author, with all that they build on before them. */
interface Piece {
  readonly client: number
  readonly structs: readonly SnapshotStruct[]
}

function* piecesOf(parts: SplitSnapshot): Iterable<Piece> {
  const next = new Map<number, number>()
  const known = new Map<number, number>()
  let left = [...parts.structs.keys()]
  while (left.length > 0) {
    let progress = false
    for (const client of left) {
      const structs = parts.structs.get(client)!
      const from = next.get(client) ?? 0
      const to = readyUpTo(client, structs, from, known)
      if (to === from) continue
      progress = true
      next.set(client, to)
      yield { client, structs: structs.slice(from, to) }
      known.set(client, structs[to]?.clock ?? parts.clocks.get(client)!)
    }
    if (!progress) throw new Refusal('origin', 'Structs of the snapshot build on each other in a circle')
    left = left.filter(client => (next.get(client) ?? 0) < parts.structs.get(client)!.length)
  }
}

function apply(doc: Y.Doc, state: Uint8Array, { client, structs }: Piece, rules: Pick<GateRules, 'roots' | 'version'>) {
  const update = toUpdate(
    client,
    structs[0]!.clock,
    structs.length,
    state.subarray(structs[0]!.start, structs.at(-1)!.end)
  )
  const verdict = gate(doc, update, { client, ...rules, ...unlimited })
  if (verdict.ok) Y.applyUpdateV2(doc, update, undefined, ViewDecoder)
  else if (structs.length === 1) throw new Refusal(verdict.reason, verdict.message)
  else {
    // Within one update the gate knows only the author's own list: with items of others between, smaller pieces see those
    const middle = structs.length >> 1
    apply(doc, state, { client, structs: structs.slice(0, middle) }, rules)
    apply(doc, state, { client, structs: structs.slice(middle) }, rules)
  }
}

function applyDeletes(doc: Y.Doc, deletes: Uint8Array, rules: Pick<GateRules, 'roots' | 'version'>) {
  // Without any, the gate would find that nothing is changed
  if (deletes.length === 1 && deletes[0] === 0) return
  const update = new Uint8Array(1 + deletes.length)
  update.set(deletes, 1)
  const verdict = gate(doc, update, { client: 0, ...rules, ...unlimited })
  if (!verdict.ok) throw new Refusal(verdict.reason, verdict.message)
  Y.applyUpdate(doc, update)
}

function readyUpTo(
  client: number,
  structs: readonly SnapshotStruct[],
  from: number,
  known: ReadonlyMap<number, number>
): number {
  let at = from
  while (at < structs.length && at - from < maxStructs) {
    const { clock, needs } = structs[at]!
    const isReady = needs.every(id =>
      id.client === client ? id.clock < clock : id.clock < (known.get(id.client) ?? 0)
    )
    if (!isReady) break
    at++
  }
  return at
}

function toUpdate(client: number, clock: number, count: number, structs: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarUint(encoder, count)
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
  encoding.writeUint8Array(encoder, structs)
  encoding.writeVarUint(encoder, 0)
  return encoding.toUint8Array(encoder)
}
