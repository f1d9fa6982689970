import type { KadDHT } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import { openIpnsRecord, routingKey, signIpnsRecord } from '../../protocols/kad/index.ts'
import { addressesToPublish } from './address-class.ts'
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

export interface PublisherInit {
  readonly dhts: readonly KadDHT[]
  readonly remembered: RememberedRecords
  readonly key: Uint8Array
  readonly secret: Uint8Array
  readonly addresses: () => Multiaddr[]
  readonly onError: (error: unknown) => void
}

/** A node record is valid this long (crdt/FORMATS.md §11) and signed anew at half of it. */
const nodeLifetimeMs = 48 * 3_600_000
/** DHT servers drop what was not put again for 48 h; an hour also covers servers that went away. */
const everyMs = 3_600_000
/** New neighbours come in swarms: wait for a quiet moment, but not for long. */
const quietMs = 1000
const longestWaitMs = 5000
const putTimeoutMs = 20_000

/** Keeps the records in the DHT: at start, when neighbours or addresses change, every hour. */
export class Publisher {
  readonly #init: PublisherInit
  #records: PublishedRecords = {}
  #running: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined
  #due = Number.POSITIVE_INFINITY
  #hourly: NodeJS.Timeout | undefined
  #signed: { addresses: string; at: number; record: Uint8Array } | undefined
  readonly #stop = new AbortController()

  constructor(init: PublisherInit) {
    this.#init = init
  }

  start(): void {
    this.#hourly = setInterval(() => this.trigger(0), everyMs)
    this.#hourly.unref()
  }

  /** Sets what is published and publishes it; resolves after the first round, whatever it reached. */
  async set(records: PublishedRecords): Promise<void> {
    this.#records = records
    const { owner } = records
    if (owner !== undefined) {
      const opened = await openIpnsRecord(owner.twin, owner.record)
      await this.#init.remembered.keep({ ...opened, record: owner.record })
    }
    this.trigger(0)
  }

  /** Something changed that others should know or hold; rounds within `waitMs` are made one. */
  trigger(waitMs = quietMs): void {
    if (this.#stop.signal.aborted) return
    const now = performance.now()
    if (this.#timer === undefined) this.#due = now + longestWaitMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#publish()
      },
      Math.max(0, Math.min(waitMs, this.#due - now))
    )
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    clearInterval(this.#hourly)
    await this.#running
  }

  #publish(): void {
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    this.#running = this.#round()
      .catch(error => this.#init.onError(error))
      .finally(() => {
        this.#running = undefined
        if (this.#again) {
          this.#again = false
          this.trigger()
        }
      })
  }

  async #round(): Promise<void> {
    const { owner, contacts } = this.#records
    const puts: Promise<void>[] = []
    const node = await this.#nodeRecord()
    if (node !== undefined) puts.push(this.#put(this.#init.key, node))
    const twins = owner === undefined ? [] : [owner.twin]
    for (const twin of [...twins, ...(contacts?.() ?? [])]) {
      const held = await this.#init.remembered.get(twin)
      if (held !== undefined && held.validUntil > Date.now()) puts.push(this.#put(twin, held.record))
    }
    await Promise.all(puts)
  }

  async #put(key: Uint8Array, record: Uint8Array): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(putTimeoutMs)])
    await Promise.all(
      this.#init.dhts.map(async dht => {
        try {
          for await (const _ of dht.put(routingKey(key), record, { signal })) if (signal.aborted) return
        } catch (error) {
          // Nobody to store it yet, or out of time: the next neighbour or the next hour brings another round
          if (!signal.aborted) this.#init.onError(error)
        }
      })
    )
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
