import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

/** Structs of one update at most; the gate takes 5,000. */
const maxStructs = 4000
/** Bytes of structs and deletes in one update at most; beyond it a new entry begins. */
export const maxDeltaBytes = 96 * 1024
/** UTF-16 units of one string that are written as one struct. */
const pieceLength = 16 * 1024

export interface DeleteRange {
  readonly client: number
  readonly clock: number
  readonly length: number
}

/** What one device changed in a document, in the order it changed it; several make an update as long as they follow each other. */
export interface Delta {
  readonly clock: number
  readonly count: number
  readonly structs: Uint8Array
  readonly deletes: readonly DeleteRange[]
}

/** What `client` wrote from `clock` on, cut so that each part fits an entry; deletes go with the last. */
export function collectDeltas(doc: Y.Doc, client: number, clock: number, deletes: readonly DeleteRange[]): Delta[] {
  const structs = doc.store.clients.get(client) ?? []
  const end = Y.getState(doc.store, client)
  const deltas: Delta[] = []
  let encoder = new Y.UpdateEncoderV1()
  let start = clock
  let count = 0
  const close = (next: number, ranges: readonly DeleteRange[]): void => {
    if (count > 0 || ranges.length > 0)
      deltas.push({ clock: start, count, structs: encoder.toUint8Array(), deletes: ranges })
    encoder = new Y.UpdateEncoderV1()
    start = next
    count = 0
  }
  if (clock < end) {
    let at = clock
    for (let index = Y.findIndexSS(structs, clock); index < structs.length; index++) {
      const struct = structs[index]!
      while (at < struct.id.clock + struct.length) {
        at = writePiece(encoder, struct, at)
        count++
        if (count >= maxStructs || encoding.length(encoder.restEncoder) >= maxDeltaBytes / 2) close(at, [])
      }
    }
  }
  for (let index = maxStructs; index < deletes.length; index += maxStructs) {
    close(end, deletes.slice(index - maxStructs, index))
  }
  const rest = deletes.length % maxStructs === 0 && deletes.length > 0 ? maxStructs : deletes.length % maxStructs
  close(end, deletes.slice(deletes.length - rest))
  return deltas
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

/** Writes the struct from `at` on, at most one piece of it; where the next begins. */
function writePiece(encoder: Y.UpdateEncoderV1, struct: Y.Item | Y.GC, at: number): number {
  const offset = at - struct.id.clock
  if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) {
    struct.write(encoder, offset)
    return struct.id.clock + struct.length
  }
  const text = struct.content.str
  let end = offset + pieceLength
  if (end >= text.length) {
    struct.write(encoder, offset)
    return struct.id.clock + struct.length
  }
  // Never between the halves of a surrogate pair
  if (text.charCodeAt(end - 1) >>> 10 === 0x36) end++
  const piece: Y.Item = Object.create(struct, { content: { value: new Y.ContentString(text.slice(0, end)) } })
  piece.write(encoder, offset)
  return struct.id.clock + end
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
