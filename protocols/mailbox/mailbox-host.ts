import type { Crypto, Signer } from '../../crdt/crypto/index.ts'
import type { Database } from '../../crdt/index.ts'
import { bytesToHex } from '../../crdt/log/index.ts'
import {
  type CallContext,
  type Caller,
  type Clock,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock
} from '../core/index.ts'
import { openAck } from './ack.ts'
import { boxOf } from './box-of.ts'
import { BoxQuota, full } from './box-quota.ts'
import { BoxStore } from './box-store.ts'
import { tokenHash } from './deposit-token.ts'
import { type HeldParcel, HostedBox } from './hosted-box.ts'
import { type MailboxLimits, mailboxLimits } from './limits.ts'
import { parcelSizes } from './protocol.ts'
import { sealReceipt } from './receipt.ts'

export interface MailboxHostComponents {
  readonly db: Database
  /** Transport key of this node: receipts are signed with what its connections prove */
  readonly signer: Signer
  readonly crypto: Crypto
  /** Whether this caller may keep a box here */
  readonly mayOpen: (caller: Caller) => boolean
  /** Closes and opens the database after a write to it failed; default: whoever shares it does */
  readonly repair?: () => Promise<void>
  readonly clock?: Clock
  readonly log?: Logger
}

export interface MailboxHostInit {
  readonly limits?: Partial<MailboxLimits>
  /** ms since 1970 */
  readonly now?: () => number
}

const sweepEveryMs = 3_600_000
/** A box that was just opened is not taken away before its owner can use it */
const youngMs = 3_600_000

/** The side that keeps parcels for others: it verifies tokens, quotas and acknowledgements, and can read nothing. */
export class MailboxHost {
  readonly #components: MailboxHostComponents
  readonly #store: BoxStore
  readonly #limits: MailboxLimits
  readonly #quota: BoxQuota
  readonly #now: () => number
  readonly #log: Logger
  #boxes = new Map<string, HostedBox>()
  #queue: Promise<unknown> = Promise.resolve()
  #callOff = () => {}

  constructor(components: MailboxHostComponents, { limits, now = Date.now }: MailboxHostInit = {}) {
    const { db, repair = async () => {}, log = silentLogger } = components
    this.#components = components
    this.#store = new BoxStore(db, repair)
    this.#limits = { ...mailboxLimits, ...limits }
    this.#now = now
    this.#log = log
    this.#quota = new BoxQuota(this.#limits, now)
  }

  async start(): Promise<void> {
    this.#boxes = await this.#store.load()
    this.#sweepLater(0)
  }

  async stop(): Promise<void> {
    this.#callOff()
    await this.#queue
  }

  open(
    request: { tokens: Uint8Array[]; records?: Uint8Array[]; head?: Uint8Array },
    { caller }: Pick<CallContext, 'caller'>
  ) {
    const box = bytesToHex(boxOf(caller))
    if (!this.#components.mayOpen(caller)) throw new ProtocolError('PermissionDenied', 'No box is kept here for you')
    const { tokens, records = [], head } = request
    return this.#inTurn(async () => {
      if (!this.#boxes.has(box)) await this.#makeRoom()
      const terms = {
        twin: caller.twin ?? '',
        tokens: new Set(tokens.map(bytesToHex)),
        records,
        head: records.length === 0 ? undefined : head,
        openedAt: this.#now()
      }
      await this.#store.putTerms(box, terms)
      const known = this.#boxes.get(box)
      if (known === undefined) this.#boxes.set(box, new HostedBox(terms))
      else known.terms = terms
      return { quota: this.#limits.mailboxBoxBytes, lifetimeMs: this.#limits.mailboxLifetimeMs }
    })
  }

  describe({ box }: { box: Uint8Array }): { records: Uint8Array[]; head: Uint8Array } {
    const { head, records } = this.#boxes.get(bytesToHex(box))?.terms ?? {}
    if (head === undefined || records === undefined) throw new ProtocolError('NotFound', 'Nobody can be asked for here')
    return { head, records: [...records] }
  }

  deposit(
    request: { box: Uint8Array; token?: Uint8Array; parcel: Uint8Array },
    { caller }: Pick<CallContext, 'caller'>
  ) {
    const { token, parcel } = request
    const { crypto } = this.#components
    if (!parcelSizes.includes(parcel.length))
      throw new ProtocolError('InvalidArgument', 'A parcel has one of the fixed sizes')
    return this.#inTurn(async () => {
      const text = bytesToHex(request.box)
      const box = this.#boxes.get(text)
      const by = token === undefined ? undefined : bytesToHex(tokenHash(token, crypto))
      // The same words whether there is no box or another token: neither is for everybody to know
      const isOpen = box !== undefined && (by === undefined ? box.terms.head !== undefined : box.terms.tokens.has(by))
      if (!isOpen) throw new ProtocolError('PermissionDenied', 'This is not taken for that box')
      await this.#deleteExpired(text, box)
      const hash = crypto.sha256(parcel)
      const known = box.withHash(hash)
      // Left once more after an answer that got lost: nothing is stored twice
      if (known !== undefined) return await this.#receipt(request.box, known)
      const peer = caller.peer ?? caller.twin ?? ''
      const replaced =
        by === undefined
          ? this.#quota.admitKnock(box, parcel.length, peer)
          : this.#quota.admit(this.#boxes.values(), box, parcel.length, by)
      const now = this.#now()
      const expires = now + this.#limits.mailboxLifetimeMs
      const held = { place: box.nextPlace(now), hash, size: parcel.length, expires, token: by, peer }
      await this.#store.putParcel(text, held, parcel, replaced)
      for (const old of replaced) box.delete(old)
      box.add(held)
      return await this.#receipt(request.box, held)
    })
  }

  async *collect({ after = 0 }: { after?: number }, { caller }: Pick<CallContext, 'caller'>) {
    const text = bytesToHex(boxOf(caller))
    const box = this.#need(text)
    await this.#inTurn(() => this.#deleteExpired(text, box))
    const places = [...box.parcels.keys()].filter(place => place > after).sort((a, b) => a - b)
    for (const place of places) {
      const parcel = await this.#store.parcel(text, place)
      if (parcel !== undefined) yield { place, parcel }
    }
  }

  async ack({ ack }: { ack: Uint8Array }, { caller }: Pick<CallContext, 'caller'>): Promise<{ deleted: number }> {
    const key = boxOf(caller)
    const text = bytesToHex(key)
    const box = this.#need(text)
    const { signer, crypto } = this.#components
    const hashes = await openAck(ack, { mailbox: signer.publicKey, box: key }, crypto).catch(cause => {
      throw new ProtocolError('InvalidArgument', 'The acknowledgement is not signed by the owner of the box', { cause })
    })
    return await this.#inTurn(async () => {
      const gone = hashes.flatMap(hash => box.withHash(hash) ?? [])
      await this.#delete(text, box, gone)
      return { deleted: gone.length }
    })
  }

  discard(_: object, { caller }: Pick<CallContext, 'caller'>): Promise<{ discarded: boolean }> {
    return this.#discard(bytesToHex(boxOf(caller)))
  }

  /** Deletes the boxes that a twin keeps here. */
  async discardOf(twin: string): Promise<void> {
    for (const [text, { terms }] of this.#boxes) if (terms.twin === twin) await this.#discard(text)
  }

  usageOf(twin: string): { parcels: number; bytes: number } {
    const boxes = [...this.#boxes.values()].filter(({ terms }) => terms.twin === twin)
    return {
      parcels: boxes.reduce((sum, { parcels }) => sum + parcels.size, 0),
      bytes: boxes.reduce((sum, { bytes }) => sum + bytes, 0)
    }
  }

  #discard(text: string): Promise<{ discarded: boolean }> {
    return this.#inTurn(async () => {
      const box = this.#boxes.get(text)
      if (box === undefined) return { discarded: false }
      await this.#store.deleteBox(text, [...box.parcels.values()])
      this.#boxes.delete(text)
      return { discarded: true }
    })
  }

  async #receipt(box: Uint8Array, { hash, size, expires }: HeldParcel): Promise<{ receipt: Uint8Array }> {
    const { signer } = this.#components
    return { receipt: await sealReceipt({ mailbox: signer.publicKey, box, hash, size, expires }, signer) }
  }

  /** An empty box that was not opened for longest makes room: its owner opens it again when it is on. */
  async #makeRoom(): Promise<void> {
    if (this.#boxes.size < this.#limits.mailboxBoxes) return
    const oldest = [...this.#boxes]
      .filter(([, { parcels, terms }]) => parcels.size === 0 && terms.openedAt <= this.#now() - youngMs)
      .sort(([, a], [, b]) => a.terms.openedAt - b.terms.openedAt)[0]
    if (oldest === undefined) throw full()
    await this.#store.deleteBox(oldest[0], [])
    this.#boxes.delete(oldest[0])
  }

  #need(text: string): HostedBox {
    const box = this.#boxes.get(text)
    if (box === undefined) throw new ProtocolError('NotFound', 'You have no box here')
    return box
  }

  #deleteExpired(text: string, box: HostedBox): Promise<void> {
    return this.#delete(text, box, box.expired(this.#now()))
  }

  async #delete(text: string, box: HostedBox, gone: readonly HeldParcel[]): Promise<void> {
    if (gone.length === 0) return
    await this.#store.deleteParcels(text, gone)
    for (const parcel of gone) box.delete(parcel)
  }

  #sweepLater(ms: number): void {
    const { clock = systemClock } = this.#components
    this.#callOff = clock.after(ms, () => void this.#sweep().finally(() => this.#sweepLater(sweepEveryMs)), {
      background: true
    })
  }

  async #sweep(): Promise<void> {
    for (const [text, box] of this.#boxes) {
      await this.#inTurn(() => this.#deleteExpired(text, box)).catch(error =>
        this.#log.warn('Old parcels were not deleted: %o', error)
      )
    }
  }

  /** One change after the other: a quota is checked and used in one step. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(action)
    this.#queue = result.catch(() => {})
    return result
  }
}
