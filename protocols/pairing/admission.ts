import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../../crdt/crypto/index.ts'
import {
  type Device,
  type DeviceDirectory,
  type DeviceList,
  grantCertificate,
  pairingToScopes,
  probationAt,
  renewCertificate,
  scopesToPairing,
  twinToText,
  verifyCertificate,
  visitLifetimeMs
} from '../../crdt/identity/index.ts'
import type { Me } from '../../crdt/index.ts'
import { type Channel, type Client, createClient, type Logger, ProtocolError } from '../core/index.ts'
import type { FirstSights } from './first-sight.ts'
import { type Level, type Newcomer, type Place, pairingProtocol, probationMs } from './protocol.ts'

export interface AdmissionInit {
  readonly me: Pick<Me, 'twin' | 'device' | 'signer' | 'recovery'>
  readonly crypto: Crypto
  readonly directory: DeviceDirectory
  readonly sights: FirstSights
  /** A channel to another device of the twin, by its peer id */
  readonly channelTo?: (peer: string) => Channel
  readonly now: () => number
  readonly log?: Logger
}

export interface AdmitRequest {
  readonly newcomer: Newcomer
  readonly level: Level
  readonly place: Place
  /** The device that let it in */
  readonly by: number
  readonly probation: boolean
}

export interface Admitted {
  readonly number: number
  readonly certificate: Uint8Array
  readonly records: Uint8Array[]
  readonly recovery?: Uint8Array
}

/** Used while it is known that every number below was given by this list; a list that began with a restore draws from the others. */
const firstDrawn = 256
const lastNumber = 65_535
const certificateLifetimeMs = 180 * 86_400_000
/** Whoever says that a device is not theirs is answered in time */
const keeperMs = 10_000

/** Puts devices on the list; where another device keeps it, asks that one. */
export class Admission {
  readonly #init: AdmissionInit
  #turn: Promise<unknown> = Promise.resolve()

  constructor(init: AdmissionInit) {
    this.#init = init
  }

  get list(): DeviceList {
    const { directory, me } = this.#init
    const list = directory.get(me.twin)
    if (list === undefined) throw new ProtocolError('Unavailable', 'The device list is not read yet')
    return list
  }

  get isKeeper(): boolean {
    const { keeper } = this.list
    return keeper !== undefined && equals(keeper, this.#init.me.signer.publicKey)
  }

  /** Whoever asks twice for one device is told the same: nobody needs to know whether the first answer arrived. */
  async admit(request: AdmitRequest, isVisit = false): Promise<Admitted> {
    if (!this.isKeeper) {
      // The contract has no word for it: another keeper would let it in for half a year
      if (isVisit) throw new ProtocolError('FailedPrecondition', 'Another device keeps the device list now')
      return this.#atKeeper(keeper => keeper.admit(request))
    }
    const turn = this.#turn.then(() => this.#admit(request, isVisit ? visitLifetimeMs : certificateLifetimeMs))
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Ends a probation. */
  async release(number: number, by: number): Promise<void> {
    if (!this.isKeeper) {
      await this.#atKeeper(keeper => keeper.trust({ number, by }))
      return
    }
    const { directory, me, now } = this.#init
    await directory.decide(me.twin, async list => {
      const { certificate } = list.device(number)!
      if (probationAt(certificate.scopes, now(), one => list.isRevoked(one)) === undefined) return
      const scopes = pairingToScopes({ ...scopesToPairing(certificate.scopes)!, trustedBy: by })
      const renewal = { at: now(), scopes }
      await list.renew(await renewCertificate(certificate, me.signer, renewal), me.signer, now())
    })
  }

  /**
   * Which of these devices nothing counts of any more. Where another device keeps the list, that one is asked; one that is not reached
   * takes back when it hears of it, and is named.
   */
  async takenBack(number: number, revoked: readonly number[]): Promise<{ takenBack: number[]; waitsFor?: string }> {
    const { list } = this
    if (this.isKeeper) return { takenBack: revoked.filter(one => list.device(one)?.revoked?.cuts.length === 0) }
    try {
      const signal = AbortSignal.timeout(keeperMs)
      const { takenBack = [] } = await this.#atKeeper(keeper => keeper.notMe({ number }, { signal }))
      return { takenBack }
    } catch (cause) {
      this.#init.log?.debug('Who keeps the device list was not asked: %o', cause)
      return { takenBack: [], waitsFor: nameOf(list.keeper && list.bySigning(list.keeper)) }
    }
  }

  /** What a device is told that was let in. */
  admitted(transport: Uint8Array): Admitted | undefined {
    const { list } = this
    const device = list.byTransport(transport)
    if (device === undefined || list.isRevoked(device.number)) return undefined
    const { recovery } = this.#init.me
    const certificate = device.certificate.bytes
    return { number: device.number, certificate, records: list.all(), ...(recovery !== undefined && { recovery }) }
  }

  async #admit({ newcomer, level, place, by, probation }: AdmitRequest, lifetimeMs: number): Promise<Admitted> {
    const known = this.admitted(newcomer.transport)
    if (known !== undefined) return known
    const { me, crypto, directory, sights, now } = this.#init
    const at = now()
    const number = this.#freeNumber()
    const { transport, signing, encryption, bySigning, byTransport, role, name, platform } = newcomer
    const scopes = pairingToScopes({ level, at, by, ...(probation && { probationUntil: at + probationMs }) })
    const init = { twin: me.twin, number, role, name, scopes, issued: at, expires: at + lifetimeMs }
    const certificate = await grantCertificate(init, me.signer, {
      keys: { transport, signing, encryption },
      bySigning,
      byTransport
    })
    try {
      await verifyCertificate(certificate, crypto)
    } catch (cause) {
      throw new ProtocolError('InvalidArgument', 'The new device has not signed for this twin', { cause })
    }
    // Before the device counts: no moment in which it is there and nobody could say what it is
    await sights.put(number, { transport, platform, place })
    await directory.decide(me.twin, list => list.add(certificate, me.signer, at))
    const admitted = this.admitted(transport)
    if (admitted === undefined) throw new Error('The device that was added is not on the list')
    return admitted
  }

  #freeNumber(): number {
    const { list } = this
    const used = new Set([...list.devices(), ...list.formerDevices()].map(({ number }) => number))
    const inOrder = Math.max(0, ...[...used].filter(number => number < firstDrawn)) + 1
    if (list.device(1) !== undefined && inOrder < firstDrawn) return inOrder
    for (;;) {
      const [high = 0, low = 0] = this.#init.crypto.randomBytes(2)
      const number = high * 256 + low
      if (number >= firstDrawn && number <= lastNumber && !used.has(number)) return number
    }
  }

  async #atKeeper<T>(ask: (keeper: Client<typeof pairingProtocol>) => Promise<T>): Promise<T> {
    const { list } = this
    const device = list.keeper && list.bySigning(list.keeper)
    const { channelTo } = this.#init
    if (device === undefined || channelTo === undefined) throw unreachable(nameOf(device))
    const client = createClient(pairingProtocol, channelTo(twinToText(device.certificate.transport)))
    try {
      return await ask(client)
    } catch (cause) {
      const code = cause instanceof ProtocolError ? cause.code : undefined
      if (code !== 'Unavailable' && code !== 'DeadlineExceeded') throw cause
      throw unreachable(nameOf(device), cause)
    } finally {
      await client.close()
    }
  }
}

function nameOf(device: Device | undefined): string {
  return device === undefined ? 'The device' : device.certificate.name || `Device ${device.number}`
}

function unreachable(name: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    'Unavailable',
    `${name} keeps the device list and is not reached: start it, then try again`,
    {
      cause
    }
  )
}
