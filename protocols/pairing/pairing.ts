import type { Crypto } from '../../crdt/crypto/index.ts'
import { type Device, type DeviceDirectory, scopesToPairing } from '../../crdt/identity/index.ts'
import type { Me, Spaces } from '../../crdt/index.ts'
import {
  type CallContext,
  type Channel,
  type Clock,
  type Implementation,
  type Logger,
  ProtocolError,
  systemClock
} from '../core/index.ts'
import { Admission, type AdmitRequest, type Admitted } from './admission.ts'
import { Desk } from './desk.ts'
import { type BeginRequest, Door, type Made, type Result, type RevealRequest } from './door.ts'
import { FirstSights } from './first-sight.ts'
import {
  claimLifetimeMs,
  type Level,
  type Notice,
  type OfferView,
  type offerStates,
  type Place,
  pairingLifetimeMs,
  type pairingProtocol,
  probationMs
} from './protocol.ts'
import { Reminders } from './reminders.ts'
import type { LinkKind } from './transcript.ts'
import { Visits } from './visits.ts'

export interface PairingComponents {
  readonly me: Pick<Me, 'twin' | 'device' | 'signer' | 'recovery'>
  readonly crypto: Crypto
  readonly directory: DeviceDirectory
  readonly spaces: Pick<Spaces, 'self' | 'revokeDevice' | 'takeBackDevice'>
  /** Where this device is reached; default nowhere */
  addresses?(): readonly string[]
  /** A channel to another device of the twin, by its peer id; default none */
  channelTo?(peer: string): Channel
  /** How a peer is connected; default elsewhere */
  placeOf?(peer: string): Place
  /** What a link of a kind and level opens */
  consoleUrl?(kind: LinkKind, level: Level): string
  readonly log?: Logger
}

export interface PairingInit {
  /** ms since 1970 */
  readonly now?: () => number
  readonly clock?: Clock
}

type State = (typeof offerStates)[number]

/** Lets devices in, by links that live here for minutes, and takes back those that should not have been let in. */
export class Pairing implements Implementation<typeof pairingProtocol> {
  readonly #components: PairingComponents
  readonly #now: () => number
  readonly #door: Door
  readonly #desk: Desk
  readonly #admission: Admission
  readonly #reminders: Reminders
  readonly #visits: Visits

  constructor(components: PairingComponents, { now = Date.now, clock = systemClock }: PairingInit = {}) {
    const { me, directory, spaces } = components
    const sights = new FirstSights(spaces.self)
    this.#components = components
    this.#now = now
    this.#desk = new Desk(clock, now)
    const channelTo = components.channelTo?.bind(components)
    this.#admission = new Admission({ ...components, sights, channelTo, now })
    this.#door = new Door({ ...components, desk: this.#desk, admission: this.#admission, clock, now })
    this.#reminders = new Reminders({ twin: me.twin, directory, sights, clock, now })
    this.#visits = new Visits({ ...components, clock, now })
  }

  start(): void {
    this.#visits.start()
  }

  stop(): void {
    this.#visits.stop()
    this.#desk.stop()
  }

  offer({ level = 'normal', name }: { level?: Level; name?: string }, { caller }: CallContext): Made {
    return this.#door.open('pair', { level, name, by: this.#callerOf(caller) }, pairingLifetimeMs)
  }

  claim(_: object, { caller }: CallContext): Made {
    if (!this.#admission.isKeeper) {
      throw new ProtocolError('FailedPrecondition', 'Another device keeps the device list: make the link there')
    }
    if (this.#paired().length > 0) {
      throw new ProtocolError('FailedPrecondition', 'The first device was let in already: others come in by twin pair')
    }
    for (const offer of this.#desk.list()) if (offer.init.kind === 'claim') offer.end('refused')
    return this.#door.open('claim', { level: 'normal', by: this.#callerOf(caller) }, claimLifetimeMs)
  }

  async *offers(): AsyncGenerator<OfferView> {
    for (const offer of this.#desk.list()) yield offer.view()
  }

  async *watch({ offer: id }: { offer: Uint8Array }, { signal }: CallContext): AsyncGenerator<OfferView> {
    const offer = this.#desk.need(id)
    while (!signal.aborted) {
      const { changed } = offer
      yield offer.view()
      if (!offer.isOpen) return
      await changed
    }
  }

  async approve({ offer: id, digits }: { offer: Uint8Array; digits: string }) {
    const offer = this.#desk.needOpen(id)
    const { shown, state, init } = offer
    if (state !== 'waiting' || shown === undefined || init.kind !== 'pair' || offer.isApproved) {
      throw new ProtocolError('FailedPrecondition', 'No device waits for its digits with this link')
    }
    if (digits.replace(/[\s-]/g, '') !== shown.digits) {
      offer.end('burnt')
      throw new ProtocolError('FailedPrecondition', 'These are not the digits of the new device: the link is burnt')
    }
    const number = await this.#door.admit(offer)
    const { certificate } = this.#admission.list.device(number) ?? {}
    const { probationUntil } = scopesToPairing(certificate?.scopes ?? []) ?? {}
    return {
      number,
      name: certificate?.name ?? '',
      level: init.level,
      ...(probationUntil !== undefined && { probationUntil })
    }
  }

  refuse({ offer: id }: { offer: Uint8Array }): { state: State } {
    const offer = this.#desk.need(id)
    if (!offer.isApproved) offer.end('refused')
    return { state: offer.state }
  }

  async *notices({ follow = false }: { follow?: boolean }, { signal }: CallContext): AsyncGenerator<Notice> {
    if (follow) yield* this.#reminders.follow(signal)
    else yield* await this.#reminders.list()
  }

  async trust({ number, by }: { number: number; by?: number }, { caller }: CallContext) {
    const { certificate } = this.#need(number)
    const asks = caller.level === 'admin' && by !== undefined ? by : this.#callerOf(caller)
    const pairing = scopesToPairing(certificate.scopes)
    if (pairing === undefined || this.#admission.list.isRevoked(number)) {
      throw new ProtocolError('FailedPrecondition', 'This device is not on probation')
    }
    if (asks === pairing.by || asks === number) {
      throw new ProtocolError('FailedPrecondition', 'A device that did not let it in has to say so')
    }
    await this.#admission.release(number, asks)
    return { number, name: certificate.name }
  }

  async notMe({ number }: { number: number }): Promise<{ revoked: number[]; takenBack: number[]; waitsFor?: string }> {
    const pairing = scopesToPairing(this.#need(number).certificate.scopes)
    if (pairing === undefined || this.#now() >= pairing.at + probationMs) {
      throw new ProtocolError('FailedPrecondition', 'This device is not new: shut it out with twin devices revoke')
    }
    const revoked = this.#withThoseItLetIn(number)
    for (const offer of this.#desk.list()) if (revoked.includes(offer.init.by)) offer.end('refused')
    for (const one of revoked) await this.#takeBack(one)
    return { revoked, ...(await this.#admission.takenBack(number, revoked)) }
  }

  begin(request: BeginRequest, { caller }: CallContext) {
    return this.#door.begin(request, caller)
  }

  reveal(request: RevealRequest, { caller }: CallContext): Promise<object> {
    return this.#door.reveal(request, caller)
  }

  result({ offer }: { offer: Uint8Array }, { caller, signal }: CallContext): Promise<Result> {
    return this.#door.result(offer, caller, signal)
  }

  admit(request: AdmitRequest): Promise<Admitted> {
    if (!this.#admission.isKeeper) throw new ProtocolError('FailedPrecondition', 'Another device keeps the device list')
    return this.#admission.admit(request)
  }

  /** Shuts it out before anybody is asked. What somebody else said meanwhile may have been recorded: that is no failure. */
  async #takeBack(number: number): Promise<void> {
    const isRecorded = () => this.#admission.list.device(number)?.revoked !== undefined
    if (isRecorded()) return
    try {
      await this.#components.spaces.takeBackDevice(number)
    } catch (cause) {
      if (!isRecorded()) throw cause
    }
  }

  #withThoseItLetIn(number: number): number[] {
    const found = [number]
    for (const next of found) {
      for (const device of this.#paired()) {
        const { by } = scopesToPairing(device.certificate.scopes)!
        if (by === next && !found.includes(device.number)) found.push(device.number)
      }
    }
    return found
  }

  /** Ever, revoked ones too. */
  #paired(): Device[] {
    return this.#admission.list.devices().filter(({ certificate }) => scopesToPairing(certificate.scopes) !== undefined)
  }

  #need(number: number): Device {
    const device = this.#admission.list.device(number)
    if (device === undefined) throw new ProtocolError('NotFound', 'No device has this number')
    return device
  }

  /** The device whose owner calls: this one, unless another one calls from elsewhere. */
  #callerOf({ device }: CallContext['caller']): number {
    return device ?? this.#components.me.device
  }
}
