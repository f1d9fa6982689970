import type { PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { equals } from 'uint8arrays/equals'
import { routingKey } from '../../protocols/kad/index.ts'
import { onTablePeer, putToPeer, tableSize } from './direct-requests.ts'
import type { FiledRecord, OwnRecords } from './own-records.ts'
import { quietController, withTimeout } from './signals.ts'

export interface PublisherInit {
  readonly dhts: readonly KadDHT[]
  readonly records: OwnRecords
  /** Connected peers that are trusted: whoever looks for us asks those it knows of them first */
  readonly friends: () => readonly PeerId[]
  readonly onError: (error: unknown) => void
}

/** DHT servers drop what was not put again for 48 h; an hour also covers servers that went away. */
const everyMs = 3_600_000
/** Address changes and neighbours come in swarms: wait for a quiet moment */
const quietMs = 500
/**
 * Addresses that went (a relay that died) do no harm in a record: dialling one fails. When a relay goes, all that used it would
 * publish in the same second, so they take their time, each its own.
 */
const lostMs = { least: 20_000, spread: 40_000 }
/** The neighbourhood that was found at the start is a first guess: look for the closest peers once more */
const againAfterMs = 20_000
const putTimeoutMs = 20_000
const maxFriends = 8

/** Keeps the records in the DHT: at start, when neighbours or addresses change, every hour. */
export class Publisher {
  readonly #init: PublisherInit
  readonly #newcomers = new Map<PeerId, KadDHT>()
  readonly #stop = quietController()
  readonly #timers = new Set<NodeJS.Timeout>()
  #round: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined
  #greeting: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #hasPublished = false
  /** The record last put under each key */
  readonly #put = new Map<string, Uint8Array>()

  constructor(init: PublisherInit) {
    this.#init = init
  }

  start(): void {
    for (const dht of this.#init.dhts) onTablePeer(dht, peer => this.#onNewcomer(dht, peer))
    const hourly = setInterval(() => this.#enqueue(() => this.#publish(true)), everyMs)
    hourly.unref()
    this.#timers.add(hourly)
  }

  /** Records or addresses changed: publish soon; what changes within half a second is one round. */
  trigger(): void {
    this.#roundIn(quietMs)
  }

  /** Addresses went and none came: publish some time. */
  triggerLater(): void {
    const ms = lostMs.least + Math.random() * lostMs.spread
    // What is due sooner includes it
    if (this.#round === undefined || this.#round.at > performance.now() + ms) this.#roundIn(ms)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    for (const timer of [...this.#timers, this.#round?.timer, this.#greeting]) clearTimeout(timer)
    await this.#running
  }

  #roundIn(ms: number): void {
    if (this.#stop.signal.aborted) return
    clearTimeout(this.#round?.timer)
    const timer = setTimeout(() => {
      this.#round = undefined
      this.#enqueue(() => this.#publish(false))
    }, ms)
    this.#round = { timer, at: performance.now() + ms }
  }

  #onNewcomer(dht: KadDHT, peer: PeerId): void {
    if (this.#stop.signal.aborted) return
    this.#newcomers.set(peer, dht)
    this.#greeting ??= setTimeout(() => {
      this.#greeting = undefined
      this.#enqueue(() => (this.#hasPublished ? this.#greet() : this.#publish(true)))
    }, quietMs)
  }

  /** One thing at a time; a failure is told and does not stop the next. */
  #enqueue(task: () => Promise<void>): void {
    this.#running = this.#running.then(async () => {
      if (this.#stop.signal.aborted) return
      await task().catch(error => this.#init.onError(error))
    })
  }

  /** A full round puts every record; the others only what changed since the last. */
  async #publish(isFull: boolean): Promise<void> {
    // Without neighbours there is nobody to give it to: the first to come starts a round
    const reachable = this.#init.dhts.filter(dht => tableSize(dht) > 0)
    if (reachable.length === 0) return
    this.#newcomers.clear()
    const list = await this.#init.records.list()
    const due = list.filter(({ key, record }) => isFull || !this.#hasPut(key, record))
    if (due.length === 0) return
    const handed = this.#handToFriends(reachable, due)
    const taken = await Promise.all(due.map(filed => this.#putToAny(reachable, filed)))
    await handed
    if (!this.#hasPublished || taken.includes(false)) this.#later(!this.#hasPublished)
    this.#hasPublished = true
  }

  #later(isFull: boolean): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#enqueue(() => this.#publish(isFull))
    }, againAfterMs)
    timer.unref()
    this.#timers.add(timer)
  }

  /** One message each. The walk to the closest peers asks everybody on its way, which takes many seconds on a busy machine. */
  async #handToFriends(dhts: readonly KadDHT[], records: readonly FiledRecord[]): Promise<void> {
    const [dht] = dhts
    if (dht === undefined) return
    const signal = withTimeout(putTimeoutMs, this.#stop.signal)
    const hand = async (friend: PeerId) => {
      for (const { key, record } of records) await putToPeer(dht, friend, { key: routingKey(key), record, signal })
    }
    await Promise.allSettled(this.#init.friends().slice(0, maxFriends).map(hand))
  }

  #hasPut(key: Uint8Array, record: Uint8Array): boolean {
    const last = this.#put.get(key.join())
    return last !== undefined && equals(last, record)
  }

  /** Whether a network took it: else it stays due. */
  async #putToAny(dhts: readonly KadDHT[], filed: FiledRecord): Promise<boolean> {
    const taken = await Promise.all(dhts.map(dht => this.#putToClosest(dht, filed)))
    const isTaken = taken.includes(true)
    if (isTaken) this.#put.set(filed.key.join(), filed.record)
    return isTaken
  }

  /** Newcomers get the records directly. Some are not among the closest to a record; it does no harm there. */
  async #greet(): Promise<void> {
    const newcomers = [...this.#newcomers]
    this.#newcomers.clear()
    const list = await this.#init.records.list()
    const signal = withTimeout(putTimeoutMs, this.#stop.signal)
    for (const [peer, dht] of newcomers) {
      for (const { key, record } of list) await putToPeer(dht, peer, { key: routingKey(key), record, signal })
    }
  }

  /** Whether it came to its end. */
  async #putToClosest(dht: KadDHT, { key, record }: FiledRecord): Promise<boolean> {
    const signal = withTimeout(putTimeoutMs, this.#stop.signal)
    try {
      for await (const _ of dht.put(routingKey(key), record, { signal })) if (signal.aborted) return false
      return true
    } catch (error) {
      if (!signal.aborted) this.#init.onError(error)
      return false
    }
  }
}
