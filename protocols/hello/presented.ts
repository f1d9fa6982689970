import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../../crdt/crypto/index.ts'
import {
  type Certificate,
  type Device,
  type DeviceDirectory,
  DeviceList,
  isCurrent,
  levelAt,
  textToTwin,
  verifyCertificate
} from '../../crdt/identity/index.ts'
import type { Caller } from '../core/index.ts'

/** What stays of a hello: who the peer says to be, verified as far as that needs no clock. */
export interface Presented {
  readonly twin: Uint8Array
  readonly certificate: Certificate
  /** List of a twin that the directory does not keep, because it is nobody to us yet */
  readonly list: DeviceList | undefined
}

export type Verdict =
  | { readonly state: 'valid' | 'expired'; readonly device: Device; readonly certificate: Certificate }
  | { readonly state: 'revoked' | 'unlisted' }

/**
 * Verifies a certificate that a peer presented, and takes what it brought of its twin's list: into the directory if that keeps the twin,
 * else for the time of the connection only, or strangers could fill the disk.
 *
 * @param peer libp2p peer id that the channel has authenticated
 * @param before what it presented earlier: a list only grows
 * @throws {Error} when the certificate does not verify or is of another device than the peer
 */
export async function readPresented(
  peer: string,
  bytes: Uint8Array,
  records: readonly Uint8Array[],
  { directory, crypto }: { readonly directory: DeviceDirectory; readonly crypto: Crypto },
  before?: Presented
): Promise<Presented> {
  const certificate = await verifyCertificate(bytes, crypto)
  if (!equals(certificate.transport, textToTwin(peer))) throw new Error('The certificate is of another peer')
  const { twin } = certificate
  if ((await directory.load(twin)) !== undefined) {
    await directory.receive(twin, records)
    return { twin, certificate, list: undefined }
  }
  const known = before !== undefined && equals(before.twin, twin) ? before.list : undefined
  const list = known ?? new DeviceList({ twin, crypto })
  for (const record of records) await list.receive(record)
  return { twin, certificate, list }
}

/** Judged by the list alone; a certificate counts beyond it only as a renewal by somebody who may issue one. */
export function judge(list: DeviceList, peer: string, now: number, presented?: Certificate): Verdict {
  const device = list.byTransport(textToTwin(peer))
  if (device === undefined) return { state: 'unlisted' }
  if (list.isRevoked(device.number)) return { state: 'revoked' }
  const isRenewal = presented !== undefined && renews(presented, device.certificate, list)
  const certificate = isRenewal ? presented : device.certificate
  return { state: isCurrent(certificate, now) ? 'valid' : 'expired', device, certificate }
}

/** What a device is told that would be let in but for the end of its certificate. */
export function refusalOf(list: DeviceList | undefined, peer: string, now: number, presented?: Presented) {
  const isExpired = list !== undefined && judge(list, peer, now, presented?.certificate).state === 'expired'
  return isExpired ? { refused: 'expired' as const } : {}
}

/** An own device, with what the guard asks of it. */
export function ownCaller(
  identity: Omit<Caller, 'class'>,
  { scopes }: Certificate,
  list: DeviceList,
  now: number
): Caller {
  return { class: 'owner', ...identity, scopes, level: levelAt(scopes, now, number => list.isRevoked(number)) }
}

function renews(presented: Certificate, listed: Certificate, list: DeviceList): boolean {
  return (
    presented.number === listed.number &&
    presented.issued > listed.issued &&
    equals(presented.twin, list.twin) &&
    equals(presented.transport, listed.transport) &&
    equals(presented.signing, listed.signing) &&
    equals(presented.encryption, listed.encryption) &&
    (equals(presented.issuer, list.twin) || list.isAdmin(presented.issuer))
  )
}

/** Nobody's key for a peer id of another key type: such a peer is no device. */
export function peerToKey(peer: string): Uint8Array {
  try {
    return textToTwin(peer)
  } catch {
    return new Uint8Array()
  }
}
