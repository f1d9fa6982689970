import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

/** Structs of one update at most; the gate takes 5,000. */
const maxStructs = 4000
/** Bytes of structs in one update at most, unless a single one is longer. */
const cutBytes = 112 * 1024
/** Ids, lengths and flags of one struct, at most. */
const structOverhead = 32
/** UTF-16 units of one string that are written as one struct. */
const pieceLength = 16 * 1024

const noSize = { size: 0, isOfPieces: true }
const nothing = new Uint8Array()
const noDeletes: readonly DeleteRange[] = []

export interface DeleteRange {
  readonly client: number
  readonly clock: number
  readonly length: number
}

/** What one device changed in a document: consecutive structs of its client, and deletes. */
export interface Delta {
  readonly clock: number
  /** Clock after its last struct. */
  readonly end: number
  readonly count: number
  readonly structs: Uint8Array
  readonly deletes: readonly DeleteRange[]
}

/** What `client` wrote from `clock` on, up to `end`, cut so that each part fits an entry; deletes go with the last. */
export function collectDeltas(
  doc: Y.Doc,
  client: number,
  clock: number,
  deletes: readonly DeleteRange[],
  end = Y.getState(doc.store, client)
): Delta[] {
  const deltas: Delta[] = []
  for (let at = clock; at < end; ) {
    const delta = encodeRange(doc, client, at, end)
    deltas.push(delta)
    at = delta.end
  }
  for (let index = 0; index < deletes.length; index += maxStructs) {
    const ranges = deletes.slice(index, index + maxStructs)
    const last = deltas.at(-1)
    if (index === 0 && last !== undefined) deltas[deltas.length - 1] = { ...last, deletes: ranges }
    else deltas.push({ clock: end, end, count: 0, structs: nothing, deletes: ranges })
  }
  return deltas
}

/** What an edit brings into an update, at most: bytes in all, of the largest part that cannot be cut, and structs. */
export interface Growth {
  readonly bytes: number
  readonly largest: number
  readonly count: number
}

/** Measures what `client` wrote from `clock` on without writing it. */
export function measure(doc: Y.Doc, client: number, clock: number): Growth {
  const structs = doc.store.clients.get(client) ?? []
  let [bytes, largest, count] = [0, 0, 0]
  for (let index = structs.length - 1; index >= 0 && structs[index]!.id.clock >= clock; index--) {
    const struct = structs[index]!
    const { size, isOfPieces } = contentSize(struct)
    bytes += size + structOverhead
    count++
    if (!isOfPieces && size > largest) largest = size
  }
  return { bytes, largest, count }
}

function contentSize(struct: Y.Item | Y.GC): { size: number; isOfPieces: boolean } {
  if (!(struct instanceof Y.Item)) return noSize
  const { content } = struct
  if (content instanceof Y.ContentBinary) return { size: content.content.length, isOfPieces: false }
  // A UTF-16 unit takes three bytes at most
  if (content instanceof Y.ContentString) return { size: 3 * content.str.length, isOfPieces: true }
  if (content instanceof Y.ContentDeleted) return noSize
  const encoder = new Y.UpdateEncoderV1()
  content.write(encoder, 0)
  return { size: encoding.length(encoder.restEncoder), isOfPieces: false }
}

function sizeOfNext(struct: Y.Item | Y.GC): number {
  const { size, isOfPieces } = contentSize(struct)
  return isOfPieces ? Math.min(size, 3 * pieceLength) : size
}

function encodeRange(doc: Y.Doc, client: number, clock: number, end: number): Delta {
  const all = doc.store.clients.get(client)!
  const encoder = structEncoder
  restart(encoder.restEncoder, structMemory)
  let count = 0
  let at = clock
  structs: for (let index = Y.findIndexSS(all, clock); at < end; index++) {
    const struct = all[index]!
    const structEnd = Math.min(end, struct.id.clock + struct.length)
    while (at < structEnd) {
      const size = sizeOfNext(struct) + structOverhead
      const isFull = count >= maxStructs || encoding.length(encoder.restEncoder) + size > cutBytes
      if (isFull && count > 0) break structs
      at = writePiece(encoder, struct, at, structEnd)
      count++
    }
  }
  return { clock, end: at, count, structs: encoder.toUint8Array(), deletes: noDeletes }
}

/** Writes as its base does, without a view for each value. */
class StructEncoder extends Y.UpdateEncoderV1 {
  override writeBuf(bytes: Uint8Array): void {
    const encoder = this.restEncoder
    encoding.writeVarUint(encoder, bytes.length)
    if (encoder.cpos + bytes.length > encoder.cbuf.length) encoding.writeUint8Array(encoder, bytes)
    else {
      encoder.cbuf.set(bytes, encoder.cpos)
      encoder.cpos += bytes.length
    }
  }
}

// Kept, because memory for each entry, growing from nothing, costs more than to write it; what was written is copied out
const structEncoder = new StructEncoder()
const structMemory = new Uint8Array(32 * 1024)
const updateEncoder = encoding.createEncoder()
const updateMemory = new Uint8Array(32 * 1024)

function restart(encoder: encoding.Encoder, memory: Uint8Array<ArrayBuffer>): void {
  encoder.bufs = []
  encoder.cbuf = memory
  encoder.cpos = 0
}

/** The Yjs V1 update that a delta makes. */
export function deltaToUpdate(client: number, { clock, count, structs, deletes }: Delta): Uint8Array {
  const encoder = updateEncoder
  restart(encoder, updateMemory)
  if (count === 0) encoding.writeVarUint(encoder, 0)
  else {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, count)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeUint8Array(encoder, structs)
  }
  writeDeletes(encoder, deletes)
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

function writeDeletes(encoder: encoding.Encoder, deletes: readonly DeleteRange[]): void {
  const clients = new Map<number, DeleteRange[]>()
  for (const range of deletes) {
    const ranges = clients.get(range.client)
    if (ranges === undefined) clients.set(range.client, [range])
    else ranges.push(range)
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
