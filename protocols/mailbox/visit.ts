import { bytesToHex } from '../../crdt/log/index.ts'
import {
  type Client,
  type Clock,
  createClient,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock,
  withSignal
} from '../core/index.ts'
import { sealAck } from './ack.ts'
import type { CollectorComponents } from './collector.ts'
import type { OwnBox } from './own-boxes.ts'
import { mailboxProtocol, maxAcked, maxShownBytes, maxShownRecords, maxTokens } from './protocol.ts'
import type { Unpacked } from './unpacker.ts'

export interface VisitState {
  readonly state: 'open' | 'waiting' | 'refused'
  readonly note?: string
  readonly collectedAt?: number
}

const firstPauseMs = 2000
const maxPauseMs = 5 * 60_000
const reopenMs = 12 * 3_600_000
const visitTimeoutMs = 10 * 60_000

/** All visits to one mailbox, one after the other. */
export class Visit {
  state: VisitState = { state: 'waiting' }
  readonly #components: CollectorComponents
  readonly #box: OwnBox
  readonly #everyMs: number
  readonly #now: () => number
  readonly #clock: Clock
  readonly #log: Logger
  readonly #stopped = new AbortController()
  /** Parcels by hash that are not acknowledged yet, and what each waits for */
  readonly #pending = new Map<string, Unpacked & { readonly hash: Uint8Array }>()
  #after = 0
  #openUntil = 0
  #pauseMs = firstPauseMs
  #running: Promise<void> | undefined
  #isWanted = false
  #callOff = () => {}

  constructor(components: CollectorComponents, box: OwnBox, everyMs: number, now: () => number) {
    const { clock = systemClock, log = silentLogger } = components
    this.#components = components
    this.#box = box
    this.#everyMs = everyMs
    this.#now = now
    this.#clock = clock
    this.#log = log
  }

  /** Looks now; a look that is under way is followed by another. */
  now(): Promise<void> {
    if (this.#running !== undefined) {
      this.#isWanted = true
      return this.#running
    }
    if (this.#stopped.signal.aborted) return Promise.resolve()
    this.#callOff()
    this.#isWanted = false
    this.#running = this.#look().finally(() => {
      this.#running = undefined
      if (this.#isWanted) void this.now()
    })
    return this.#running
  }

  refresh(): void {
    this.#openUntil = 0
    if (this.#hasEarly) this.#after = 0
    void this.now()
  }

  again(): void {
    this.#after = 0
    void this.now()
  }

  async leave(): Promise<void> {
    await this.now()
    await this.#within(async (client, signal) => void (await client.discard({}, { signal }))).catch(error =>
      this.#log.debug('A box was not given up: %o', error)
    )
    await this.stop()
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new ProtocolError('Unavailable', 'The twin is stopping'))
    this.#callOff()
    await this.#running
  }

  get #hasEarly(): boolean {
    return [...this.#pending.values()].some(({ isEarly }) => isEarly === true)
  }

  async #look(): Promise<void> {
    let pauseMs = this.#everyMs
    try {
      await this.#within(async (client, signal) => {
        if (this.#openUntil <= this.#now()) await this.#open(client, signal)
        await this.#collect(client, signal)
      })
      this.state = { state: 'open', collectedAt: this.#now() }
      this.#pauseMs = firstPauseMs
    } catch (error) {
      this.#log.debug('A mailbox was not emptied: %o', error)
      this.#fail(error)
      pauseMs = this.#pauseMs
      this.#pauseMs = Math.min(maxPauseMs, this.#pauseMs * 2)
    }
    if (!this.#stopped.signal.aborted)
      this.#callOff = this.#clock.after(pauseMs, () => void this.now(), { background: true })
  }

  #fail(error: unknown): void {
    const { collectedAt } = this.state
    const since = collectedAt === undefined ? {} : { collectedAt }
    const code = error instanceof ProtocolError ? error.code : undefined
    // It may have lost the box: it is opened anew before the next look
    if (code === 'NotFound') this.#openUntil = 0
    if (code === 'PermissionDenied' || code === 'Unimplemented' || code === 'ResourceExhausted') {
      const note = code === 'Unimplemented' ? 'It is no mailbox' : (error as Error).message
      this.state = { state: 'refused', note, ...since }
    } else this.state = { state: 'waiting', note: 'It is not reached; tried again by itself', ...since }
  }

  async #within(use: (client: Client<typeof mailboxProtocol>, signal: AbortSignal) => Promise<void>): Promise<void> {
    await withSignal([this.#stopped.signal, AbortSignal.timeout(visitTimeoutMs)], async signal => {
      const client = createClient(mailboxProtocol, await this.#components.channelTo(this.#box, { signal }))
      try {
        await use(client, signal)
      } finally {
        await client.close()
      }
    })
  }

  async #open(client: Client<typeof mailboxProtocol>, signal: AbortSignal): Promise<void> {
    const { own, contacts, describe } = this.#components
    const tokens = own.hashesFor(this.#box, contacts().slice(0, maxTokens))
    const { records, head } = await describe()
    // A change while it is opened opens it once more
    this.#openUntil = this.#now() + reopenMs
    await client.open({ tokens, ...(isShown(records) ? { records: [...records], head } : {}) }, { signal })
  }

  async #collect(client: Client<typeof mailboxProtocol>, signal: AbortSignal): Promise<void> {
    const { unpacker, crypto } = this.#components
    let waiting: unknown
    let [isToLookAgain, isMoreHere] = [false, false]
    for await (const { place, parcel } of client.collect({ after: this.#after }, { signal })) {
      try {
        const unpacked = await unpacker.unpack(parcel)
        const hash = crypto.sha256(parcel)
        const key = bytesToHex(hash)
        isMoreHere ||= unpacked.isEarly !== true && !this.#pending.has(key)
        this.#pending.set(key, { ...unpacked, hash })
      } catch (error) {
        waiting = error
        // What the owner decides about first is tried again at the next start, what the store did not take at the next look
        isToLookAgain ||= !(error instanceof ProtocolError && error.code === 'ResourceExhausted')
      }
      if (!isToLookAgain) this.#after = Math.max(this.#after, place)
    }
    if (waiting !== undefined) this.#log.debug('A parcel has to wait: %o', waiting)
    await this.#takeNotes(client, signal)
    await this.#acknowledge(client, signal)
    // What came with it may be what an earlier one builds on
    if (isMoreHere && this.#hasEarly) {
      this.#after = 0
      this.#isWanted = true
    }
    // A note never waits
    await this.#components.witness.emptied(this.#box)
  }

  /** A note counts only for who took it out: a disk that was copied may have been here before. */
  async #takeNotes(client: Client<typeof mailboxProtocol>, signal: AbortSignal): Promise<void> {
    for (const [key, { hash, note }] of this.#pending) {
      if (note === undefined) continue
      const deleted = await this.#delete(client, [hash], signal)
      this.#pending.delete(key)
      if (deleted > 0) this.#components.witness.taken(note)
    }
  }

  async #acknowledge(client: Client<typeof mailboxProtocol>, signal: AbortSignal): Promise<void> {
    const { unpacker } = this.#components
    const done = [...this.#pending.values()].filter(({ needs }) => unpacker.hasAll(needs)).map(({ hash }) => hash)
    for (let at = 0; at < done.length; at += maxAcked) {
      const hashes = done.slice(at, at + maxAcked)
      await this.#delete(client, hashes, signal)
      for (const hash of hashes) this.#pending.delete(bytesToHex(hash))
    }
  }

  async #delete(
    client: Client<typeof mailboxProtocol>,
    hashes: readonly Uint8Array[],
    signal: AbortSignal
  ): Promise<number> {
    const { transport } = this.#components
    const ack = await sealAck({ mailbox: this.#box.key, box: transport.publicKey, hashes }, transport)
    const { deleted } = await client.ack({ ack }, { signal })
    return deleted
  }
}

/** A longer list would keep the box shut to everybody; without one it takes nothing of strangers. */
function isShown(records: readonly Uint8Array[]): boolean {
  return records.length <= maxShownRecords && records.reduce((sum, { length }) => sum + length, 0) <= maxShownBytes
}
