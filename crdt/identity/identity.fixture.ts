import type { Crypto } from '../crypto/index.ts'
import { adminScope, type CertificateInit, issueCertificate } from './certificate.ts'
import { createDeviceList } from './create-device-list.ts'
import { type NodeDeviceKeys, secretsToDeviceKeys } from './device-keys.ts'
import type { DeviceList } from './device-list.ts'
import { type PhraseKeys, phraseToKeys } from './phrase.ts'

/** Of BIP39's own test vectors (entropy all zero, all one) */
export const phrase = `${'abandon '.repeat(23)}art`
export const otherPhrase = `${'zoo '.repeat(23)}vote`

export const day = 24 * 3600 * 1000
export const start = Date.UTC(2026, 10, 1)

/** Keys that are the same on every run. */
export function fixedDeviceKeys(crypto: Crypto, seed: number): NodeDeviceKeys {
  const secret = (part: number) => crypto.sha256(Uint8Array.of(seed >> 8, seed & 255, part))
  return secretsToDeviceKeys({ transport: secret(1), signing: secret(2), encryption: secret(3) }, crypto)
}

export interface FixedTwin extends PhraseKeys {
  /** Keys of device 1 */
  readonly first: NodeDeviceKeys
  readonly list: DeviceList
  /** A certificate by the owner with good values for what is not given */
  certify(device: NodeDeviceKeys, init?: Partial<CertificateInit>): Promise<Uint8Array>
}

/** A twin with one device. */
export async function fixedTwin(crypto: Crypto, words = phrase): Promise<FixedTwin> {
  const keys = phraseToKeys(words, crypto)
  const { owner, twin } = keys
  const first = fixedDeviceKeys(crypto, twin[0]! * 256)
  const certify: FixedTwin['certify'] = (device, init = {}) =>
    issueCertificate(
      {
        twin,
        number: 1,
        role: 'node',
        name: 'home',
        scopes: [adminScope],
        issued: start,
        expires: start + 365 * day,
        ...init
      },
      owner,
      device
    )
  const certificate = await certify(first)
  const list = await createDeviceList({
    twin,
    crypto,
    owner,
    certificate,
    keeper: first.signing.publicKey,
    at: start
  })
  return { ...keys, first, list, certify }
}

export interface ThreeDevices extends FixedTwin {
  readonly phone: NodeDeviceKeys
  readonly box: NodeDeviceKeys
  /** Keys that nobody has listed */
  readonly thief: NodeDeviceKeys
}

/** A twin with home, phone (no admin) and box (admin). */
export async function threeDevices(crypto: Crypto): Promise<ThreeDevices> {
  const [phone, box, thief] = [fixedDeviceKeys(crypto, 11), fixedDeviceKeys(crypto, 12), fixedDeviceKeys(crypto, 13)]
  const twin = await fixedTwin(crypto)
  const { list, first, certify } = twin
  await list.add(
    await certify(phone, { number: 2, role: 'browser', name: 'phone', scopes: [] }),
    first.signing,
    start + 1
  )
  await list.add(await certify(box, { number: 3, name: 'box' }), first.signing, start + 2)
  return { ...twin, phone, box, thief }
}

/** The message of a rejection, `undefined` when there is none. */
export async function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return String(error)
  }
}
