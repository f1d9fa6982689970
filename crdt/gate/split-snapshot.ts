import { readContent, readKey } from './content.ts'
import type { Id } from './draft.ts'
import { Refusal } from './refusal.ts'
import { MAX_CLOCK } from './rules.ts'
import { UpdateReader } from './update-reader.ts'

/** A struct of a snapshot, and where its bytes are. */
export interface SnapshotStruct {
  readonly clock: number
  readonly start: number
  readonly end: number
  /** What has to be there before it. */
  readonly needs: readonly Id[]
}

export interface SplitSnapshot {
  readonly structs: ReadonlyMap<number, readonly SnapshotStruct[]>
  /** Clock after the last struct, by client. */
  readonly clocks: ReadonlyMap<number, number>
  /** Where the delete set begins. */
  readonly deletes: number
}

/** Finds the structs in a Yjs V1 update that is the whole state of a document. @throws {Refusal} */
export function splitSnapshot(bytes: Uint8Array): SplitSnapshot {
  const reader = new UpdateReader(bytes)
  const at = () => bytes.length - reader.left
  const structs = new Map<number, SnapshotStruct[]>()
  const clocks = new Map<number, number>()
  const clients = reader.uint()
  for (let index = 0; index < clients; index++) {
    const count = reader.uint()
    const client = reader.uint()
    if (structs.has(client)) throw new Refusal('author', 'An author is named twice')
    if (count === 0) throw new Refusal('struct', 'An author is named without a struct')
    let clock = reader.uint()
    if (clock !== 0) throw new Refusal('clock', 'A snapshot does not begin at the start of its author')
    const list: SnapshotStruct[] = []
    for (let each = 0; each < count; each++) {
      const start = at()
      const { needs, length } = readStruct(reader)
      list.push({ clock, start, end: at(), needs })
      clock += length
      if (clock > MAX_CLOCK) throw new Refusal('clock', 'The clock of an author is used up')
    }
    structs.set(client, list)
    clocks.set(client, clock)
  }
  return { structs, clocks, deletes: at() }
}

function readStruct(reader: UpdateReader): { needs: Id[]; length: number } {
  const info = reader.byte()
  const needs: Id[] = []
  if ((info & 0x80) !== 0) needs.push({ client: reader.uint(), clock: reader.uint() })
  if ((info & 0x40) !== 0) needs.push({ client: reader.uint(), clock: reader.uint() })
  if ((info & 0xc0) === 0) {
    if (reader.uint() === 1) reader.string()
    else needs.push({ client: reader.uint(), clock: reader.uint() })
    if ((info & 0x20) !== 0) readKey(reader)
  }
  // GC and Skip, 0 and 10, are refused like every unknown content
  const { length } = readContent(reader, info & 0x1f, MAX_CLOCK)
  if (length === 0) throw new Refusal('struct', 'A struct is empty')
  return { needs, length }
}
