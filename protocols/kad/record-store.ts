import type { PeerId } from '@libp2p/interface'
import { Record as DhtRecord } from '@libp2p/kad-dht'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Datastore, Key } from 'interface-datastore'
import { ipnsSelector } from 'ipns/selector'
import { fromString } from 'uint8arrays/from-string'
import { maxRecordSize } from './ipns-records.ts'

export interface RecordStoreInit {
  readonly self: PeerId
  /** Where the DHT keeps its rows, as given to it */
  readonly datastorePrefix: string
  /** Records of others kept at most */
  readonly maxRecords: number
  /** Their bytes at most */
  readonly maxBytes: number
}

/** A record was refused: a newer one is held, or the store is full of records closer to this node. */
export class RecordRefusedError extends Error {
  override readonly name = 'RecordRefusedError'
}

interface Row {
  readonly size: number
  /** First 48 bits of the Kademlia distance between the record's key and this node */
  readonly distance: number
}

/**
 * The datastore as a DHT server should see it. kad-dht stores whatever its validator accepts: an older valid record
 * replaces a newer one (rollback), and records and provider entries of strangers grow without end. Here an older
 * record is refused, a full store keeps what is closest to this node, and provider entries, which no twin asks for,
 * are not kept at all.
 */
export function guardRecords(datastore: Datastore, init: RecordStoreInit): Datastore {
  const rows = new RecordRows(datastore, init)
  let tail: Promise<void> = Promise.resolve()
  const put: Datastore['put'] = async (key, value, options) => {
    const name = key.toString()
    if (name.startsWith(`${init.datastorePrefix}/provider`)) return key
    if (!name.startsWith(rows.prefix)) return await datastore.put(key, value, options)
    // One after the other: between looking at what is held and writing, nothing newer may slip in
    const done = tail.then(async () => {
      await rows.admit(key, value)
      await datastore.put(key, value, options)
    })
    tail = done.catch(() => {})
    await done
    return key
  }
  return new Proxy(datastore, {
    get: (target, property) => {
      if (property === 'put') return put
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

class RecordRows {
  readonly prefix: string
  readonly #datastore: Datastore
  readonly #init: RecordStoreInit
  readonly #self: Uint8Array
  readonly #rows = new Map<string, Row>()
  #bytes = 0
  #loaded: Promise<void> | undefined

  constructor(datastore: Datastore, init: RecordStoreInit) {
    this.prefix = `${init.datastorePrefix}/record/`
    this.#datastore = datastore
    this.#init = init
    this.#self = sha256(init.self.toMultihash().bytes)
  }

  async admit(key: Key, value: Uint8Array): Promise<void> {
    this.#loaded ??= this.#load()
    await this.#loaded
    // The DHT's own frame around a record is its key and a time
    if (value.byteLength > maxRecordSize + 256) throw new RecordRefusedError('Record is too large')
    await this.#refuseOlder(key, value)
    const name = key.toString()
    const row = { size: value.byteLength, distance: this.#distance(name) }
    this.#forget(name)
    while (this.#rows.size >= this.#init.maxRecords || this.#bytes + row.size > this.#init.maxBytes) {
      const [farthest, { distance }] = this.#farthest()
      if (distance <= row.distance) throw new RecordRefusedError('Record store is full of records closer to this node')
      this.#forget(farthest)
      await this.#datastore.delete(new Key(farthest, false))
    }
    this.#rows.set(name, row)
    this.#bytes += row.size
  }

  async #refuseOlder(key: Key, value: Uint8Array): Promise<void> {
    const held = await read(this.#datastore, key)
    if (held === undefined) return
    const routing = fromString(key.toString().slice(this.prefix.length), 'base32')
    const newer = [DhtRecord.deserialize(value).value, DhtRecord.deserialize(held).value]
    if (ipnsSelector(routing, newer) !== 0) throw new RecordRefusedError('A newer record is held')
  }

  async #load(): Promise<void> {
    for await (const { key, value } of this.#datastore.query({ prefix: this.prefix })) {
      this.#rows.set(key.toString(), { size: value.byteLength, distance: this.#distance(key.toString()) })
      this.#bytes += value.byteLength
    }
  }

  #farthest(): [string, Row] {
    let farthest: [string, Row] | undefined
    for (const entry of this.#rows) {
      if (farthest === undefined || entry[1].distance > farthest[1].distance) farthest = entry
    }
    if (farthest === undefined) throw new RecordRefusedError('Record is larger than the whole store')
    return farthest
  }

  #forget(name: string): void {
    this.#bytes -= this.#rows.get(name)?.size ?? 0
    this.#rows.delete(name)
  }

  #distance(name: string): number {
    const hash = sha256(fromString(name.slice(this.prefix.length), 'base32'))
    let distance = 0
    for (let i = 0; i < 6; i++) distance = distance * 256 + ((hash[i] ?? 0) ^ (this.#self[i] ?? 0))
    return distance
  }
}

async function read(datastore: Datastore, key: Key): Promise<Uint8Array | undefined> {
  try {
    return await datastore.get(key)
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') return undefined
    throw error
  }
}
