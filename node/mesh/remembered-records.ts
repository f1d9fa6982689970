import { type Datastore, Key } from 'interface-datastore'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { type IpnsPayload, parseIpnsRecord } from '../../protocols/kad/index.ts'

export interface RememberedRecord extends IpnsPayload {
  readonly record: Uint8Array
}

/**
 * The newest record seen of every key we care about, kept over restarts. A DHT forgets and can be made to lie by
 * silence: nothing older than what is remembered here is ever believed again.
 */
export class RememberedRecords {
  readonly #datastore: Datastore

  constructor(datastore: Datastore) {
    this.#datastore = datastore
  }

  async get(key: Uint8Array): Promise<RememberedRecord | undefined> {
    const record = await this.#read('seen', key)
    return record === undefined ? undefined : { ...parseIpnsRecord(key, record), record }
  }

  /** Keeps a verified record unless an equal or newer one is held; says whether it was news. */
  async keep(found: RememberedRecord): Promise<boolean> {
    const held = await this.get(found.key)
    if (held !== undefined && held.sequence >= found.sequence) return false
    await this.#datastore.put(rowKey('seen', found.key), found.record)
    return true
  }

  /** Lowest sequence to believe: that of the remembered record, or what an invite said, whichever is higher. */
  async leastSequence(key: Uint8Array): Promise<bigint> {
    const [held, stated] = await Promise.all([this.get(key), this.#read('least', key)])
    const least = stated === undefined ? 0n : BigInt(bytesToText(stated))
    return held !== undefined && held.sequence > least ? held.sequence : least
  }

  async raiseLeastSequence(key: Uint8Array, sequence: bigint): Promise<void> {
    if ((await this.leastSequence(key)) >= sequence) return
    await this.#datastore.put(rowKey('least', key), new TextEncoder().encode(sequence.toString()))
  }

  async #read(kind: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await this.#datastore.get(rowKey(kind, key))
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFoundError') return undefined
      throw error
    }
  }
}

function rowKey(kind: string, key: Uint8Array): Key {
  return new Key(`/twin/${kind}/${bytesToText(key, 'base16')}`)
}
