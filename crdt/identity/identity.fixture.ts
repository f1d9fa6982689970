import type { Crypto } from '../crypto/index.ts'
import { adminScope, type CertificateInit, issueCertificate } from './certificate.ts'
import { type NodeDeviceKeys, secretsToDeviceKeys } from './device-keys.ts'
import { createDeviceList, type DeviceList } from './device-list.ts'
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

/** The message of a rejection, `undefined` when there is none. */
export async function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return String(error)
  }
}
