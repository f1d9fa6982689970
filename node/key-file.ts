import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { decode, encode } from '../crdt/crypto/index.ts'
import type { DeviceSecrets } from '../crdt/identity/index.ts'

const version = 1
const tagLength = 16
/** OWASP's and RFC 7914's interactive setting: about 0.7 s and 128 MiB */
const cost = { logN: 17, r: 8, p: 1 }
/** A file may ask for more, but not for the whole machine. */
const mostLogN = 20
const format = 'twinmesh/keys'

export type KeystoreErrorCode =
  /** There is no key file */
  | 'Missing'
  /** There is one already: keys are never overwritten by new ones */
  | 'Exists'
  /** The file is damaged or not a key file */
  | 'Corrupt'
  /** The file is of a later version */
  | 'Version'
  /** The keys are wrapped and no passphrase was given */
  | 'PassphraseNeeded'
  | 'WrongPassphrase'
  /** Others may read a file whose keys lie open */
  | 'Permissions'

/** The message says what is wrong and what to do; nothing of the keys is in it. */
export class KeystoreError extends Error {
  override readonly name = 'KeystoreError'
  readonly code: KeystoreErrorCode

  constructor(code: KeystoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

interface Costs {
  readonly logN: number
  readonly r: number
  readonly p: number
}

interface Kdf extends Costs {
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
}

/** A key file whose form was checked. */
export interface KeyFile {
  /** Absent = the keys lie open */
  readonly kdf: Kdf | undefined
  readonly body: Uint8Array
}

/** The bytes of a key file: wrapped with scrypt and AES-256-GCM when there is a passphrase. */
export async function encodeKeyFile(secrets: DeviceSecrets, passphrase: string | undefined): Promise<Uint8Array> {
  const { transport, signing, encryption } = secrets
  const body = encode({ transport, signing, encryption })
  if (passphrase === undefined) return encode([format, version, null, body])
  const kdf = { ...cost, salt: plain(randomBytes(32)), nonce: plain(randomBytes(12)) }
  const key = await stretch(passphrase, kdf.salt, kdf)
  const cipher = createCipheriv('aes-256-gcm', key, kdf.nonce).setAAD(headerOf(kdf))
  const sealed = Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()])
  key.fill(0)
  return encode([format, version, kdfToList(kdf), plain(sealed)])
}

/** @throws {KeystoreError} */
export async function unwrap({ kdf, body }: KeyFile, passphrase: string, file: string): Promise<DeviceSecrets> {
  if (kdf === undefined) return readSecrets(body, file)
  const key = await stretch(passphrase, kdf.salt, kdf)
  try {
    return readSecrets(unseal(key, kdf.nonce, headerOf(kdf), body), file)
  } catch (cause) {
    if (cause instanceof KeystoreError) throw cause
    throw new KeystoreError('WrongPassphrase', `The passphrase does not open the keys in ${file}: try again`, { cause })
  } finally {
    key.fill(0)
  }
}

/** What stands before the sealed keys is authenticated with them. */
function headerOf(kdf: Kdf): Uint8Array {
  return encode([format, version, kdfToList(kdf)])
}

function kdfToList({ logN, r, p, salt, nonce }: Kdf): (number | Uint8Array)[] {
  return [logN, r, p, salt, nonce]
}

/** @throws {KeystoreError} */
export function decodeKeyFile(bytes: Uint8Array, file: string): KeyFile {
  const list = decoded(bytes, file)
  if (!Array.isArray(list) || list[0] !== format) throw corrupt(file)
  if (list[1] !== version) {
    throw new KeystoreError('Version', `The keys in ${file} were written by a later version: update this one`)
  }
  const [, , kdf, body] = list as unknown[]
  if (list.length !== 4 || !(body instanceof Uint8Array)) throw corrupt(file)
  return { kdf: kdf === null ? undefined : readKdf(kdf, file), body }
}

function readKdf(kdf: unknown, file: string): Kdf {
  if (!Array.isArray(kdf) || kdf.length !== 5) throw corrupt(file)
  const [logN, r, p, salt, nonce] = kdf as unknown[]
  if (
    !isBetween(logN, 14, mostLogN) ||
    !isBetween(r, 1, 16) ||
    !isBetween(p, 1, 4) ||
    !isBytes(salt, 32) ||
    !isBytes(nonce, 12)
  ) {
    throw corrupt(file)
  }
  return { logN, r, p, salt, nonce }
}

/** @throws {KeystoreError} */
export function readSecrets(body: Uint8Array, file: string): DeviceSecrets {
  const map = decoded(body, file)
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw corrupt(file)
  const { transport, signing, encryption } = map as Record<string, unknown>
  if (!isBytes(transport, 32) || !isBytes(signing, 32) || !isBytes(encryption, 32)) throw corrupt(file)
  return { transport, signing, encryption }
}

function decoded(bytes: Uint8Array, file: string): unknown {
  try {
    return decode(bytes)
  } catch (cause) {
    throw corrupt(file, cause)
  }
}

export function corrupt(file: string, cause?: unknown): KeystoreError {
  return new KeystoreError('Corrupt', `The keys in ${file} are damaged: put back a copy, or restore from the phrase`, {
    cause
  })
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}

function unseal(key: Uint8Array, nonce: Uint8Array, header: Uint8Array, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(header)
  decipher.setAuthTag(sealed.subarray(-tagLength))
  return plain(Buffer.concat([decipher.update(sealed.subarray(0, -tagLength)), decipher.final()]))
}

function stretch(passphrase: string, salt: Uint8Array, { logN, r, p }: Costs): Promise<Uint8Array> {
  const N = 2 ** logN
  // Node's own ceiling, 32 MiB, is below what N = 2^17 takes
  const options = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes)
}
