import { type DeviceDirectory, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import { type Caller, type Clock, type Logger, ProtocolError, silentLogger } from '../core/index.ts'
import type { Admission, Admitted } from './admission.ts'
import type { Desk } from './desk.ts'
import { pairingLinkToText } from './link.ts'
import { linkAddresses } from './link-addresses.ts'
import { notALine, type Offer, type OfferInit, readLine } from './offer.ts'
import { isOverPlainHttp, type Level, type Newcomer, type OfferView, type Place, resultWaitMs } from './protocol.ts'
import type { LinkKind } from './transcript.ts'

export interface DoorInit {
  readonly me: { readonly twin: Uint8Array; readonly device: number }
  readonly crypto: OfferInit['crypto']
  readonly directory: DeviceDirectory
  readonly desk: Desk
  readonly admission: Admission
  readonly clock: Clock
  /** ms since 1970 */
  readonly now: () => number
  addresses?(): readonly string[]
  placeOf?(peer: string): Place
  consoleUrl?(kind: LinkKind, level: Level): string
  readonly log?: Logger
}

export interface Made {
  readonly offer: Uint8Array
  readonly link: string
  readonly expiresAt: number
}

export interface BeginRequest {
  readonly offer: Uint8Array
  readonly commitment: Uint8Array
}

export interface RevealRequest {
  readonly offer: Uint8Array
  readonly nonce: Uint8Array
  readonly newcomer: Newcomer
}

export interface Result {
  readonly state: Exclude<OfferView['state'], 'open' | 'begun'>
  readonly admitted?: Admitted
  readonly addresses?: string[]
}

/** Where a new device comes to, with a link that was made here. */
export class Door {
  readonly #init: DoorInit

  constructor(init: DoorInit) {
    this.#init = init
  }

  open(kind: LinkKind, asked: Pick<Offer['init'], 'level' | 'name' | 'by'>, lifetimeMs: number): Made {
    const { me, crypto, directory } = this.#init
    const { name, by } = asked
    const { base, level, isVisit } = this.#baseOf(kind, asked.level)
    const called = name === undefined ? undefined : readLine(name)
    if (name !== undefined && called === undefined) throw new ProtocolError('InvalidArgument', notALine)
    const own = directory.get(me.twin)?.device(me.device)
    if (own === undefined) throw new ProtocolError('FailedPrecondition', 'This device is not on the device list')
    const peer = own.certificate.transport
    const expiresAt = this.#init.now() + lifetimeMs
    const offer = this.#init.desk.open(
      { kind, level, isVisit, name: called, by, expiresAt, twin: me.twin, peer, crypto },
      lifetimeMs
    )
    const link = pairingLinkToText(
      { kind, level, expiresAt, peer, twin: me.twin, secret: offer.secret, addresses: this.#addresses() },
      base
    )
    return { offer: offer.id, link, expiresAt }
  }

  /** Puts the device that waits on the list. */
  async admit(offer: Offer): Promise<number> {
    const { newcomer, place = 'elsewhere', init } = offer
    const { kind, level, by, name, isVisit = false } = init
    if (this.#init.admission.list.isRevoked(by)) {
      offer.end('refused')
      throw new ProtocolError('FailedPrecondition', 'The device that made the link is revoked')
    }
    offer.isApproved = true
    try {
      const called = name === undefined ? newcomer! : { ...newcomer!, name }
      // A visit is over before a probation would be
      const probation = kind === 'pair' && !isVisit
      const admitted = await this.#init.admission.admit({ newcomer: called, level, place, by, probation }, isVisit)
      await this.#init.directory.receive(this.#init.me.twin, admitted.records)
      offer.number = admitted.number
      offer.end('done')
      return admitted.number
    } catch (error) {
      const isLater = error instanceof ProtocolError && error.code === 'Unavailable'
      // The digits were right: with a keeper that is back the same link goes on, as long as it is good
      if (!isLater || this.#init.now() >= init.expiresAt) offer.end('burnt')
      throw error
    } finally {
      offer.isApproved = false
    }
  }

  begin({ offer: id, commitment }: BeginRequest, caller: Caller) {
    const peer = peerOf(caller)
    const offer = this.#init.desk.needOpen(id)
    if (caller.class === 'owner')
      throw new ProtocolError('FailedPrecondition', 'This device is one of the twin already')
    const { level, expiresAt } = offer.init
    return { nonce: offer.begin(peer, commitment), level, expiresAt }
  }

  async reveal({ offer: id, nonce, newcomer }: RevealRequest, caller: Caller): Promise<object> {
    const peer = peerOf(caller)
    const offer = this.#init.desk.needOpen(id)
    if (!offer.isHeldBy(peer)) throw new ProtocolError('NotFound', 'No such link is open')
    offer.reveal(peer, nonce, newcomer, this.#init.placeOf?.(peer) ?? 'elsewhere')
    if (offer.init.kind === 'claim') {
      const number = await this.admit(offer)
      const { log = silentLogger } = this.#init
      log.warn('Device %d has claimed this twin with the link of its start', number)
    }
    return {}
  }

  async result(id: Uint8Array, caller: Caller, signal: AbortSignal): Promise<Result> {
    const peer = peerOf(caller)
    const before = this.#done(peer)
    if (before !== undefined) return before
    const offer = this.#init.desk.need(id)
    if (!offer.isHeldBy(peer)) throw new ProtocolError('NotFound', 'No such link is open')
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const callOff = this.#init.clock.after(resultWaitMs, resolve, { background: true })
    signal.addEventListener('abort', () => resolve(), { once: true })
    let isLate = false
    void late.then(() => {
      isLate = true
    })
    while (offer.isOpen && !isLate) await Promise.race([offer.changed, late])
    callOff()
    const { state } = offer
    return this.#done(peer) ?? { state: state === 'open' || state === 'begun' ? 'waiting' : state }
  }

  /**
   * What a link opens, and what that allows. The page of a console over plain http can be changed on the way: what it may is decided here,
   * and never in it (decision 0044).
   */
  #baseOf(kind: LinkKind, asked: Level): { base: string; level: Level; isVisit: boolean } {
    const base = this.#init.consoleUrl?.(kind, asked) ?? ''
    if (!isOverPlainHttp(base)) return { base, level: asked, isVisit: false }
    if (kind === 'claim') {
      throw new ProtocolError('FailedPrecondition', 'Over plain http no browser becomes the first device of a twin')
    }
    if (!this.#init.admission.isKeeper) {
      throw new ProtocolError('FailedPrecondition', 'Another device keeps the device list: make a link over http there')
    }
    return { base, level: 'view', isVisit: true }
  }

  #done(peer: string): Result | undefined {
    const admitted = this.#init.admission.admitted(textToTwin(peer))
    return admitted && { state: 'done', admitted, addresses: this.#addresses().slice(0, 32) }
  }

  #addresses(): string[] {
    const { me, addresses, directory } = this.#init
    const own = directory.get(me.twin)?.device(me.device)
    return own === undefined ? [] : linkAddresses(addresses?.() ?? [], twinToText(own.certificate.transport))
  }
}

function peerOf({ peer }: Caller): string {
  if (peer === undefined) throw new ProtocolError('InvalidArgument', 'A new device calls over a channel with a peer id')
  return peer
}
