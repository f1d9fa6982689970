import type { Crypto, Signer } from '../../crdt/crypto/index.ts'
import type { Database, Replica } from '../../crdt/index.ts'
import { bytesToHex, type LogId } from '../../crdt/log/index.ts'
import {
  type Channel,
  type Clock,
  createClient,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock,
  withSignal
} from '../core/index.ts'
import { deliveryToContent } from './delivery.ts'
import type { MailboxAddress } from './mailbox-address.ts'
import { type PlannedDelivery, planDeliveries } from './plan-deliveries.ts'
import { mailboxProtocol } from './protocol.ts'
import { openReceipt } from './receipt.ts'
import { sealParcel } from './sealed-parcel.ts'
import { SentRows } from './sent-rows.ts'
import type { ToldBox, ToldBoxes, ToldMailbox } from './told-boxes.ts'

export interface SenderComponents {
  readonly me: { readonly twin: Uint8Array; readonly device: number; readonly signer: Signer }
  readonly db: Database
  readonly replica: Replica
  readonly crypto: Crypto
  readonly told: ToldBoxes
  /** Whether a device of this twin is connected */
  readonly isReachable: (twin: Uint8Array) => boolean
  readonly isContact: (twin: Uint8Array) => boolean
  /** Connects to a mailbox */
  readonly channelTo: (mailbox: MailboxAddress, options: { signal: AbortSignal }) => Promise<Channel>
  /** A mailbox has more of a log than before */
  readonly onHeld: (space: Uint8Array, log: LogId) => void
  readonly clock?: Clock
  readonly log?: Logger
}

export interface SenderInit {
  /** Milliseconds for which a twin has to be away before anything is left for it */
  readonly awayMs?: number
  /** ms since 1970 */
  readonly now?: () => number
}

/** What is written within this time goes together */
const gatherMs = 1000
const firstPauseMs = 5000
const maxPauseMs = 15 * 60_000
/** So many mailboxes of one device get everything: one of them may lie or vanish */
const wantedMailboxes = 2
/** Parcels for one mailbox in one go; a twin that lacks more is served again after a pause */
const maxParcels = 64
const visitTimeoutMs = 5 * 60_000

/** Leaves for contacts that are away what they lack, in their mailboxes. */
export class Sender {
  readonly #components: SenderComponents
  readonly #awayMs: number
  readonly #now: () => number
  readonly #clock: Clock
  readonly #log: Logger
  readonly #sent: SentRows
  /** Twin → since when it is away, on the clock */
  readonly #away = new Map<string, number>()
  readonly #pauses = new Map<string, { readonly ms: number; readonly until: number }>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #stopped = new AbortController()
  readonly #undo: (() => void)[] = []
  #isSkipped = false
  #next: { readonly at: number; readonly callOff: () => void } | undefined

  constructor(components: SenderComponents, { awayMs = 5000, now = Date.now }: SenderInit = {}) {
    const { clock = systemClock, log = silentLogger, db } = components
    this.#components = components
    this.#awayMs = awayMs
    this.#now = now
    this.#clock = clock
    this.#log = log
    this.#sent = new SentRows(db)
  }

  /** Before anybody asks what is in mailboxes. */
  load(): Promise<void> {
    return this.#sent.load()
  }

  start(): void {
    const { replica } = this.#components
    const wake = () => this.#lookIn(gatherMs)
    this.#undo.push(replica.on('runs', wake), replica.on('durable', wake), replica.on('space', wake))
    wake()
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new ProtocolError('Unavailable', 'The twin is stopping'))
    for (const undo of this.#undo.splice(0)) undo()
    this.#next?.callOff()
    await Promise.all(this.#running.values())
  }

  /** Somebody came or went, or told of other mailboxes. */
  poke(twin?: Uint8Array): void {
    if (twin !== undefined) this.#pauses.delete(bytesToHex(twin))
    this.#lookIn(gatherMs)
  }

  /** How far a log is in a mailbox of this twin, by receipts. */
  heldFor(space: Uint8Array, log: LogId, twin: Uint8Array): number {
    return this.#sent.most({ twin, space, log }, this.#now())
  }

  #lookIn(ms: number): void {
    if (this.#stopped.signal.aborted) return
    const at = this.#clock.now() + ms
    if (this.#next !== undefined && this.#next.at <= at) return
    this.#next?.callOff()
    const callOff = this.#clock.after(
      ms,
      () => {
        this.#next = undefined
        this.#look()
      },
      { background: true }
    )
    this.#next = { at, callOff }
  }

  #look(): void {
    const { told, isReachable, isContact } = this.#components
    const now = this.#clock.now()
    const twins = new Map(told.all().map(({ twin }) => [bytesToHex(twin), twin]))
    for (const [key, twin] of twins) {
      if (isReachable(twin) || !isContact(twin)) {
        this.#away.delete(key)
        continue
      }
      const since = this.#away.get(key) ?? now
      this.#away.set(key, since)
      const due = Math.max(since + this.#awayMs, this.#pauses.get(key)?.until ?? 0)
      if (due > now) this.#lookIn(due - now)
      else if (this.#running.has(key)) this.#isSkipped = true
      else this.#serve(key, twin)
    }
  }

  #serve(key: string, twin: Uint8Array): void {
    const task = this.#fillBoxes(twin)
      .then(isDone => {
        if (isDone) this.#pauses.delete(key)
        else this.#pause(key)
      })
      .catch(error => {
        this.#log.warn('Nothing could be left for a contact: %o', error)
        this.#pause(key)
      })
      .finally(() => {
        this.#running.delete(key)
        // What was written meanwhile may have come too late for it
        if (this.#isSkipped) this.#lookIn(gatherMs)
        this.#isSkipped = false
      })
    this.#running.set(key, task)
  }

  #pause(key: string): void {
    const ms = Math.min(maxPauseMs, (this.#pauses.get(key)?.ms ?? firstPauseMs / 2) * 2)
    this.#pauses.set(key, { ms, until: this.#clock.now() + ms })
    this.#lookIn(ms)
  }

  /** Answers whether everything is in as many mailboxes as it should be. */
  async #fillBoxes(twin: Uint8Array): Promise<boolean> {
    const boxes = this.#components.told.of(twin)
    const results = await Promise.all(boxes.map(box => this.#fillBox(box)))
    return results.every(isDone => isDone)
  }

  async #fillBox(box: ToldBox): Promise<boolean> {
    let filled = 0
    for (const mailbox of box.mailboxes) {
      if (filled === wantedMailboxes) break
      try {
        if (await this.#fill(box, mailbox)) filled++
      } catch (error) {
        this.#log.debug('A mailbox did not take it: %o', error)
      }
    }
    return filled >= Math.min(wantedMailboxes, box.mailboxes.length)
  }

  /** Answers whether the mailbox has all that is lacking now. */
  #fill(box: ToldBox, mailbox: ToldMailbox): Promise<boolean> {
    const limits = [this.#stopped.signal, AbortSignal.timeout(visitTimeoutMs)]
    return withSignal(limits, signal => this.#fillWithin(box, mailbox, signal))
  }

  async #fillWithin(box: ToldBox, mailbox: ToldMailbox, signal: AbortSignal): Promise<boolean> {
    const { replica, channelTo } = this.#components
    const { twin } = box
    const held = (space: Uint8Array, log: LogId) =>
      this.#sent.get({ twin, mailbox: mailbox.key, space, log }, this.#now())
    const onDelivered = (space: Uint8Array, log: LogId) => {
      void this.#sent.delete({ twin, space, log }).catch(error => this.#log.debug('A row was not deleted: %o', error))
    }
    let client: ReturnType<typeof createClient<typeof mailboxProtocol>> | undefined
    try {
      let count = 0
      for await (const planned of planDeliveries({ replica, twin, held, onDelivered })) {
        if (count++ === maxParcels) return false
        client ??= createClient(mailboxProtocol, await channelTo(mailbox, { signal }))
        const expires = await this.#leave(client, box, mailbox, planned, signal)
        const rows = planned.reached.map(reached => ({ ...reached, twin, mailbox: mailbox.key, expires }))
        await this.#sent.put(rows)
        for (const { space, log } of planned.reached) this.#components.onHeld(space, log)
      }
      return true
    } finally {
      await client?.close()
    }
  }

  async #leave(
    client: ReturnType<typeof createClient<typeof mailboxProtocol>>,
    { box, key }: ToldBox,
    mailbox: ToldMailbox,
    { delivery }: PlannedDelivery,
    signal: AbortSignal
  ): Promise<number> {
    const { me, crypto } = this.#components
    const content = await deliveryToContent(delivery, me, box, crypto)
    const parcel = await sealParcel(content, { box, key }, crypto)
    const { receipt } = await client.deposit({ box, token: mailbox.token, parcel }, { signal })
    const hash = crypto.sha256(parcel)
    return await openReceipt(receipt, { mailbox: mailbox.key, box, hash, size: parcel.length }, crypto)
  }
}
