/**
 * What a device answers to a site (crdt/FORMATS.md §25): signed by the device over what it read in the request, with the records of the
 * device list that lead from the twin id to the device. Whoever has the twin id alone can verify it, offline.
 */
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToString } from 'uint8arrays/to-string'
import {
  asArray,
  asBytes,
  asText,
  asTuple,
  asUint,
  type Crypto,
  decode,
  encode,
  type Signer
} from '../../crdt/crypto/index.ts'
import { EnvelopeError, openEnvelope, readName, sealEnvelope } from '../../crdt/identity/index.ts'
import { LoginError } from './login-error.ts'
import { asScopes, maxNonceSize } from './request.ts'
import { type LoginScope, maxAnswerLength, maxOriginSize } from './rules.ts'

const domain = 'twinmesh/login/1'
const fields = ['v', 'request', 'audience', 'nonce', 'twin', 'device', 'scopes', 'name', 'issued', 'expires']
/** UTF-8 bytes of 64 UTF-16 units */
const maxNameSize = 192
const maxRecords = 512
const maxRecordSize = 64 * 1024

export interface LoginAnswer {
  /** Hash of the request */
  readonly request: Uint8Array
  readonly audience: string
  readonly nonce: Uint8Array
  /** Owner key of the twin */
  readonly twin: Uint8Array
  /** Number of the device that signs */
  readonly device: number
  /** What the site is told, of what it asked */
  readonly scopes: readonly LoginScope[]
  /** Only with the scope of that name */
  readonly name?: string
  /** ms since 1970, by the clock of the device */
  readonly issuedAt: number
  /** ms since 1970, by the clock of the site */
  readonly expiresAt: number
}

export interface OpenedAnswer extends LoginAnswer {
  /** Whose signature was verified; whether it is a device of the twin is the device list's question */
  readonly signer: Uint8Array
  /** Records of a device list, as they came */
  readonly records: readonly Uint8Array[]
}

/**
 * Signs an answer and puts the records of the device list behind it.
 *
 * @throws {RangeError} when the list is too long for an address
 */
export async function sealAnswer(answer: LoginAnswer, signer: Signer, records: readonly Uint8Array[]): Promise<string> {
  const { request, audience, nonce, twin, device, scopes, name, issuedAt, expiresAt } = answer
  const payload = { v: 1, request, audience, nonce, twin, device, scopes: [...scopes], name }
  const envelope = await sealEnvelope(domain, { ...payload, issued: issuedAt, expires: expiresAt }, signer)
  const text = bytesToString(encode([1, envelope, [...records]]), 'base64url')
  if (text.length > maxAnswerLength || records.length > maxRecords) {
    throw new RangeError('The device list has grown too long for an address')
  }
  return text
}

/** @throws {LoginError} `malformed` or `signature` */
export async function openAnswer(text: string, crypto: Crypto): Promise<OpenedAnswer> {
  try {
    if (text.length > maxAnswerLength || !/^[\w-]+$/.test(text)) throw new TypeError('It is too long or no base64url')
    const [version, envelope, list] = asTuple(decode(fromString(text, 'base64url')), 'The answer', 3)
    asUint(version, 'The version', 1, 1)
    const records = asArray(list, 'The device list', maxRecords).map(record => asBytes(record, 'A record'))
    if (records.some(({ length }) => length > maxRecordSize)) throw new TypeError('A record is too long')
    const { signer, payload } = await openEnvelope(asBytes(envelope, 'The envelope'), { domain, crypto, fields })
    asUint(payload.v, 'The version', 1, 1)
    const scopes = asScopes(payload.scopes)
    const answer: OpenedAnswer = {
      request: asBytes(payload.request, 'The request', 32),
      audience: asText(payload.audience, 'The audience', maxOriginSize),
      nonce: asBytes(payload.nonce, 'The nonce'),
      twin: asBytes(payload.twin, 'The twin', 32),
      device: asUint(payload.device, 'The device', 65_535, 1),
      scopes,
      ...(payload.name !== undefined && { name: asName(payload.name, scopes) }),
      issuedAt: asUint(payload.issued, 'The time of issue'),
      expiresAt: asUint(payload.expires, 'The time of expiry'),
      signer,
      records
    }
    if (answer.nonce.length > maxNonceSize) throw new TypeError('The nonce is too long')
    return answer
  } catch (cause) {
    if (cause instanceof EnvelopeError && cause.code === 'BadSignature') {
      throw new LoginError('signature', 'The answer was changed after it was signed', { cause })
    }
    throw new LoginError('malformed', 'This is not an answer of a twin, or not all of it', { cause })
  }
}

function asName(value: unknown, scopes: readonly LoginScope[]): string {
  const name = readName(asText(value, 'The name', maxNameSize))
  if (!scopes.includes('name') || name === undefined)
    throw new TypeError('The name is not one line, or was not granted')
  return name
}
