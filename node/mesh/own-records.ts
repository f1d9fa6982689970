import type { Multiaddr } from '@multiformats/multiaddr'
import { openIpnsRecord, signIpnsRecord } from '../../protocols/kad/index.ts'
import { addressesToPublish } from './own-addresses.ts'
import type { RememberedRecord, RememberedRecords } from './remembered-records.ts'

/** What a twin keeps in the DHT. */
export interface PublishedRecords {
  /** The owner's IPNS record, signed when the twin was made: the owner key is not on this machine */
  readonly owner?: { readonly twin: Uint8Array; readonly record: Uint8Array }
  /** Payload of this device's record for the given addresses, at most 16 */
  readonly node?: (addresses: Uint8Array[]) => Promise<Uint8Array> | Uint8Array
  /** Twins whose owner records we keep alive too: contacts, whose own devices may be off for weeks */
  readonly contacts?: () => Iterable<Uint8Array>
}

export interface OwnRecordsInit {
  readonly remembered: RememberedRecords
  /** Public key of the device */
  readonly key: Uint8Array
  /** Its secret, as `signIpnsRecord` takes it */
  readonly secret: Uint8Array
  readonly addresses: () => Multiaddr[]
}

/** A record and the key it is filed under. */
export interface FiledRecord {
  readonly key: Uint8Array
  readonly record: Uint8Array
}

/** A node record is valid this long (crdt/FORMATS.md §11) and signed anew at half of it. */
const nodeLifetimeMs = 48 * 3_600_000

/** The records to publish: kept, signed anew when they must be, numbered so that they only ever grow. */
export class OwnRecords {
  readonly #init: OwnRecordsInit
  #records: PublishedRecords = {}
  #signed: { addresses: string; at: number; record: Uint8Array } | undefined

  constructor(init: OwnRecordsInit) {
    this.#init = init
  }

  /** Throws when the owner record is not what it should be. */
  async set(records: PublishedRecords): Promise<void> {
    const { owner } = records
    if (owner !== undefined) {
      const opened = await openIpnsRecord(owner.twin, owner.record)
      await this.#init.remembered.keep({ ...opened, record: owner.record })
    }
    this.#records = records
    this.#signed = undefined
  }

  /** The payload has changed: sign a new record for the next round. */
  expire(): void {
    this.#signed = undefined
  }

  async list(): Promise<FiledRecord[]> {
    const { owner, contacts } = this.#records
    const list: FiledRecord[] = []
    const node = await this.#nodeRecord()
    if (node !== undefined) list.push({ key: this.#init.key, record: node })
    for (const twin of [...(owner === undefined ? [] : [owner.twin]), ...(contacts?.() ?? [])]) {
      const held = await this.#init.remembered.get(twin)
      if (held !== undefined && held.validUntil > Date.now()) list.push({ key: twin, record: held.record })
    }
    return list
  }

  async #nodeRecord(): Promise<Uint8Array | undefined> {
    const { node } = this.#records
    if (node === undefined) return undefined
    const addresses = addressesToPublish(this.#init.addresses())
    const text = addresses.join()
    const now = Date.now()
    const signed = this.#signed
    if (signed?.addresses === text && now - signed.at < nodeLifetimeMs / 2) return signed.record
    const payload = await node(addresses.map(address => address.bytes))
    const { key, secret, remembered } = this.#init
    const sequence = nextSequence(await remembered.get(key))
    const record = await signIpnsRecord({ secret, payload, sequence, lifetimeMs: nodeLifetimeMs })
    await remembered.keep({ ...(await openIpnsRecord(key, record)), record })
    this.#signed = { addresses: text, at: now, record }
    return record
  }
}

/** Grows even when the clock goes back, and after a restore on a bare machine, where the last number is not known. */
function nextSequence(last: RememberedRecord | undefined): bigint {
  const now = BigInt(Date.now())
  return last !== undefined && last.sequence >= now ? last.sequence + 1n : now
}
