import { equals } from 'uint8arrays/equals'
import {
  type Device,
  type DeviceDirectory,
  type DeviceList,
  isCurrent,
  probationAt,
  readName,
  renewCertificate,
  scopesToPairing,
  twinToText
} from '../../crdt/identity/index.ts'
import type { Me, Spaces } from '../../crdt/index.ts'
import { type Implementation, ProtocolError } from '../core/index.ts'
import type { Place } from '../pairing/index.ts'
import { type DeviceItem, type devicesProtocol, maxDeviceNameBytes, type revocations } from './protocol.ts'

export interface DevicesComponents {
  readonly me: Pick<Me, 'twin' | 'device' | 'signer'>
  readonly directory: DeviceDirectory
  readonly spaces: Pick<Spaces, 'revokeDevice' | 'list'>
  /** Whether a device is connected, by its peer id; default nobody */
  isConnected?(peer: string): boolean
  /** How a connected one is connected */
  placeOf?(peer: string): Place
  /** ms since 1970 of when it was connected last; default unknown */
  lastSeenAt?(peer: string): number | undefined
}

export interface DevicesInit {
  /** ms since 1970 */
  readonly now?: () => number
}

interface Revoked {
  readonly number: number
  readonly name: string
  readonly revocation: (typeof revocations)[number]
  readonly kept?: number
  readonly note?: string
}

/** The device list of the own twin, as its owner sees and changes it. */
export class Devices implements Implementation<typeof devicesProtocol> {
  readonly #components: DevicesComponents
  readonly #now: () => number

  constructor(components: DevicesComponents, { now = Date.now }: DevicesInit = {}) {
    this.#components = components
    this.#now = now
  }

  async *list(): AsyncGenerator<DeviceItem> {
    const list = this.#own()
    for (const device of list.devices()) yield this.#toItem(list, device)
  }

  async revoke({ number }: { number: number }): Promise<Revoked> {
    const { spaces, me } = this.#components
    const { revoked, certificate } = this.#need(number)
    // Whoever asks twice is told the same twice
    if (revoked === undefined) {
      if (number === me.device) {
        throw new ProtocolError('FailedPrecondition', 'A device cannot revoke itself: do it on another one')
      }
      if (!this.#own().isAdmin(me.signer.publicKey)) {
        throw new ProtocolError('FailedPrecondition', 'This device may not revoke others: do it on one that may')
      }
      await this.#record(number, () => spaces.revokeDevice(number))
    }
    const now = this.#need(number)
    if (now.revoked !== undefined) {
      return { number, name: certificate.name, revocation: 'recorded', kept: keptOf(now) }
    }
    return { number, name: certificate.name, revocation: 'on-sight', note: this.#noteOf(now) }
  }

  async rename({ number, name }: { number: number; name: string }): Promise<DeviceItem> {
    const { me, directory } = this.#components
    const wanted = readName(name)
    if (wanted === undefined) {
      throw new ProtocolError(
        'InvalidArgument',
        'A device is called by one line of text, with something to be seen in it'
      )
    }
    if (new TextEncoder().encode(wanted).length > maxDeviceNameBytes) {
      throw new ProtocolError('InvalidArgument', `A name of a device takes at most ${maxDeviceNameBytes} bytes`)
    }
    if (this.#own().isRevoked(this.#need(number).number)) {
      throw new ProtocolError('FailedPrecondition', 'The device is revoked')
    }
    this.#needKeeper()
    const at = this.#now()
    await directory.decide(me.twin, async list => {
      const renewed = await renewCertificate(list.device(number)!.certificate, me.signer, { at, name: wanted })
      await list.renew(renewed, me.signer, at)
    })
    return this.#toItem(this.#own(), this.#need(number))
  }

  async *records(): AsyncGenerator<{ record: Uint8Array }> {
    for (const record of this.#own().all()) yield { record }
  }

  async takeOver({ record }: { record: Uint8Array }): Promise<{ keeper: number }> {
    const { me, directory } = this.#components
    const answer = await directory.receive(me.twin, [record])
    const { keeper } = this.#own()
    if (answer === 'refused' || keeper === undefined || !equals(keeper, me.signer.publicKey)) {
      throw new ProtocolError('FailedPrecondition', 'The record does not make this device keep the list')
    }
    return { keeper: me.device }
  }

  /** A change of the list may record the revocation meanwhile, of what another device had said: that is no failure. */
  async #record(number: number, revoking: () => Promise<unknown>): Promise<void> {
    try {
      await revoking()
    } catch (cause) {
      if (this.#need(number).revoked === undefined) throw cause
    }
  }

  #noteOf({ certificate }: Device): string {
    const { keeper } = this.#own()
    if (keeper !== undefined && equals(keeper, certificate.signing)) {
      return 'It keeps the device list: take that over with your 24 words, or it goes on deciding who has the keys'
    }
    const name = this.#keeperName()
    return `Refused at once by whoever hears of it; ${name} keeps the device list and records it as soon as it runs`
  }

  #keeperName(): string {
    const list = this.#own()
    const device = list.keeper && list.bySigning(list.keeper)
    return device === undefined ? 'another device' : `${device.certificate.name || 'device'} (${device.number})`
  }

  #needKeeper(): void {
    const { keeper } = this.#own()
    if (keeper !== undefined && equals(keeper, this.#components.me.signer.publicKey)) return
    throw new ProtocolError('FailedPrecondition', `${this.#keeperName()} keeps the device list: do it there`)
  }

  #need(number: number): Device {
    const device = this.#own().device(number)
    if (device === undefined) throw new ProtocolError('NotFound', 'No device has this number')
    return device
  }

  #own(): DeviceList {
    const { directory, me } = this.#components
    const list = directory.get(me.twin)
    if (list === undefined) throw new ProtocolError('Unavailable', 'The device list is not read yet')
    return list
  }

  #toItem(list: DeviceList, device: Device): DeviceItem {
    const { me, spaces } = this.#components
    const { number, certificate, revoked } = device
    const { name, role, scopes, issued, expires, signing } = certificate
    const cut = spaces
      .list()
      .flatMap(space => space.review().logs)
      .filter(({ log }) => log.device === number && equals(log.twin, me.twin))
      .reduce((sum, log) => sum + log.cut, 0)
    return {
      number,
      name,
      role,
      state: this.#stateOf(list, device),
      here: number === me.device,
      keeper: list.keeper !== undefined && equals(list.keeper, signing),
      peer: twinToText(certificate.transport),
      scopes: [...scopes],
      issuedAt: issued,
      expiresAt: expires,
      ...(revoked !== undefined && { revokedAt: revoked.at, kept: keptOf(device), cut }),
      ...this.#pairingOf(list, scopes),
      ...this.#sightOf(list, device)
    }
  }

  #pairingOf(list: DeviceList, scopes: readonly string[]): Partial<DeviceItem> {
    const pairing = scopesToPairing(scopes)
    if (pairing === undefined) return {}
    const { level, at, by } = pairing
    const probationUntil = probationAt(scopes, this.#now(), number => list.isRevoked(number))
    return { level, pairedAt: at, pairedBy: by, ...(probationUntil !== undefined && { probationUntil }) }
  }

  #sightOf(list: DeviceList, device: Device): Partial<DeviceItem> {
    const { placeOf, lastSeenAt } = this.#components
    const peer = twinToText(device.certificate.transport)
    if (this.#stateOf(list, device) !== 'connected') {
      const at = lastSeenAt?.(peer)
      return at === undefined ? {} : { lastSeenAt: at }
    }
    const place = placeOf?.(peer)
    return { lastSeenAt: this.#now(), ...(place !== undefined && { place }) }
  }

  #stateOf(list: DeviceList, { number, certificate }: Device): DeviceItem['state'] {
    const { me, isConnected } = this.#components
    if (list.isRevoked(number)) return 'revoked'
    if (!isCurrent(certificate, this.#now())) return 'expired'
    if (number === me.device) return 'this'
    return isConnected?.(twinToText(certificate.transport)) === true ? 'connected' : 'away'
  }
}

function keptOf({ revoked }: Device): number {
  return (revoked?.cuts ?? []).reduce((sum, { seq }) => sum + seq, 0)
}
