import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

/** Structs of one update at most; the gate takes 5,000. */
const maxStructs = 4000
/** Bytes of structs and deletes in one update at most; beyond it a new entry begins. */
export const maxDeltaBytes = 96 * 1024
/** UTF-16 units of one string that are written as one struct. */
const pieceLength = 16 * 1024

const nothing = new Uint8Array()
const noDeletes: readonly DeleteRange[] = []

export interface DeleteRange {
  readonly client: number
  readonly clock: number
  readonly length: number
}

/** What one device changed in a document, in the order it changed it; several make an update as long as they follow each other. */
export interface Delta {
  readonly clock: number
  /** Clock after its last struct. */
  readonly end: number
  readonly count: number
  readonly structs: Uint8Array
  readonly deletes: readonly DeleteRange[]
  /** No struct of it can be split by what is inserted later. */
  readonly isWhole: boolean
}

/** What `client` wrote from `clock` on, cut so that each part fits an entry; deletes go with the last. */
export function collectDeltas(doc: Y.Doc, client: number, clock: number, deletes: readonly DeleteRange[]): Delta[] {
  const deltas: Delta[] = []
  const end = Y.getState(doc.store, client)
  for (let at = clock; at < end; ) {
    const delta = encodeRange(doc, client, at, end, maxDeltaBytes / 2, maxStructs)
    deltas.push(delta)
    at = delta.end
  }
  for (let index = 0; index < deletes.length; index += maxStructs) {
    const ranges = deletes.slice(index, index + maxStructs)
    const last = deltas.at(-1)
    if (index === 0 && last !== undefined) deltas[deltas.length - 1] = { ...last, deletes: ranges }
    else deltas.push({ clock: end, end, count: 0, structs: nothing, deletes: ranges, isWhole: true })
  }
  return deltas
}

/**
 * Consecutive deltas of one client as one. An item that was written whole in one of them and split by a later one is written anew as
 * it is now: the gate wants every neighbour in an update to be a whole item.
 */
export function joinDeltas(doc: Y.Doc, client: number, deltas: readonly Delta[]): readonly Delta[] {
  if (deltas.length === 1 || deltas.every(({ isWhole }) => isWhole)) return deltas
  const first = deltas.find(({ count }) => count > 0)
  if (first === undefined) return deltas
  const delta = encodeRange(
    doc,
    client,
    first.clock,
    deltas.at(-1)!.end,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY
  )
  return [{ ...delta, deletes: deltas.flatMap(({ deletes }) => deletes) }]
}

function encodeRange(
  doc: Y.Doc,
  client: number,
  clock: number,
  end: number,
  maxBytes: number,
  maxCount: number
): Delta {
  const structs = doc.store.clients.get(client)!
  const encoder = new Y.UpdateEncoderV1()
  let isWhole = true
  let count = 0
  let at = clock
  for (let index = Y.findIndexSS(structs, clock); at < end; index++) {
    const struct = structs[index]!
    const structEnd = Math.min(end, struct.id.clock + struct.length)
    while (at < structEnd && count < maxCount && encoding.length(encoder.restEncoder) < maxBytes) {
      if (struct.length > 1) isWhole = false
      at = writePiece(encoder, struct, at, structEnd)
      count++
    }
    if (at < structEnd) break
  }
  return { clock, end: at, count, structs: encoder.toUint8Array(), deletes: noDeletes, isWhole }
}

/** The Yjs V1 update of consecutive deltas of one client. */
export function deltasToUpdate(client: number, deltas: readonly Delta[]): Uint8Array {
  const encoder = encoding.createEncoder()
  const count = deltas.reduce((sum, delta) => sum + delta.count, 0)
  if (count === 0) {
    encoding.writeVarUint(encoder, 0)
  } else {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, count)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, deltas.find(delta => delta.count > 0)!.clock)
    for (const delta of deltas) encoding.writeUint8Array(encoder, delta.structs)
  }
  writeDeletes(encoder, deltas)
  return encoding.toUint8Array(encoder)
}

/** Writes the struct from `at` to `limit`, at most one piece of it; where the next begins. */
function writePiece(encoder: Y.UpdateEncoderV1, struct: Y.Item | Y.GC, at: number, limit: number): number {
  const start = struct.id.clock
  const offset = at - start
  let end = limit - start
  if (!(struct instanceof Y.Item)) {
    new Y.GC(struct.id, end).write(encoder, offset)
    return limit
  }
  if (struct.content instanceof Y.ContentString && end - offset > pieceLength) {
    end = offset + pieceLength
    // Never between the halves of a surrogate pair
    if (struct.content.str.charCodeAt(end - 1) >>> 10 === 0x36) end++
  }
  if (end === struct.length) struct.write(encoder, offset)
  else {
    const content = struct.content.copy()
    content.splice(end)
    const piece: Y.Item = Object.create(struct, { content: { value: content } })
    piece.write(encoder, offset)
  }
  return start + end
}

function writeDeletes(encoder: encoding.Encoder, deltas: readonly Delta[]): void {
  const clients = new Map<number, DeleteRange[]>()
  for (const { deletes } of deltas) {
    for (const range of deletes) {
      const ranges = clients.get(range.client)
      if (ranges === undefined) clients.set(range.client, [range])
      else ranges.push(range)
    }
  }
  encoding.writeVarUint(encoder, clients.size)
  for (const client of [...clients.keys()].sort((a, b) => b - a)) {
    const ranges = mergeRanges(clients.get(client)!)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const { clock, length } of ranges) {
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, length)
    }
  }
}

function mergeRanges(ranges: DeleteRange[]): DeleteRange[] {
  if (ranges.length === 1) return ranges
  ranges.sort((a, b) => a.clock - b.clock)
  const merged: DeleteRange[] = []
  for (const range of ranges) {
    const last = merged.at(-1)
    if (last !== undefined && last.clock + last.length >= range.clock) {
      const length = Math.max(last.clock + last.length, range.clock + range.length) - last.clock
      merged[merged.length - 1] = { ...last, length }
    } else merged.push(range)
  }
  return merged
}
