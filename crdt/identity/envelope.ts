import { concat } from 'uint8arrays/concat'
import { domainPrefix } from '../bytes.ts'
import { decode, type Encodable, encode } from '../codec.ts'
import type { Crypto, Signer } from '../crypto/index.ts'
import { asArray, asBytes, asMap, asText, asTuple, type Fields } from '../shape.ts'

const maxEnvelopeSize = 64 * 1024
const maxDomainSize = 64
const maxCritical = 32
const prefix = domainPrefix('twinmesh/envelope/1')

export type EnvelopeErrorCode = 'Malformed' | 'TooLarge' | 'WrongDomain' | 'BadSignature' | 'UnknownCritical'

/** The bytes are no signed object of the kind that was expected. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
  readonly code: EnvelopeErrorCode

  constructor(code: EnvelopeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export interface OpenEnvelopeInit {
  /** The one domain that is expected here; an envelope's own word for it is never believed. */
  readonly domain: string
  readonly crypto: Crypto
  /** Names of the fields this reader knows: a payload that calls any other critical is refused (RFC 7515 §4.1.11). */
  readonly fields: readonly string[]
}

export interface OpenedEnvelope {
  /** Whose signature was verified. Compare it with the author that the payload claims. */
  readonly signer: Uint8Array
  readonly payload: Fields
}

/**
 * Sign a typed value under its own domain (FORMATS §1).
 *
 * @throws {RangeError} when it comes out above 64 KiB
 */
export async function sealEnvelope(
  domain: string,
  payload: { readonly [field: string]: Encodable | undefined },
  signer: Signer
): Promise<Uint8Array> {
  const payloadBytes = encode(payload)
  const signature = await signer.sign(preimage(domain, payloadBytes))
  const bytes = encode([1, domain, signer.publicKey, payloadBytes, signature])
  if (bytes.length > maxEnvelopeSize) throw new RangeError(`A signed object is at most ${maxEnvelopeSize} bytes`)
  return bytes
}

/** Whether the bytes begin as a signed object of this domain does: the encoding is the only one. */
export function claimsDomain(bytes: Uint8Array, domain: string): boolean {
  const start = encode([1, domain])
  // A list of five, not of two
  return bytes[0] === 0x85 && start.every((byte, index) => index === 0 || bytes[index] === byte)
}

/** @throws {EnvelopeError} */
export async function openEnvelope(
  bytes: Uint8Array,
  { domain, crypto, fields }: OpenEnvelopeInit
): Promise<OpenedEnvelope> {
  const { signer, payloadBytes, signature, claimedDomain } = parse(bytes)
  if (claimedDomain !== domain) throw new EnvelopeError('WrongDomain', 'The signed object is of another kind')
  if (!(await crypto.verify(signer, preimage(domain, payloadBytes), signature))) {
    throw new EnvelopeError('BadSignature', 'The signature does not verify')
  }
  const payload = malformed(() => asMap(decode(payloadBytes), 'The payload'))
  checkCritical(payload, fields)
  return { signer, payload }
}

interface Parsed {
  readonly claimedDomain: string
  readonly signer: Uint8Array
  readonly payloadBytes: Uint8Array
  readonly signature: Uint8Array
}

function parse(bytes: Uint8Array): Parsed {
  if (bytes.length > maxEnvelopeSize) {
    throw new EnvelopeError('TooLarge', `A signed object is at most ${maxEnvelopeSize} bytes`)
  }
  return malformed(() => {
    const [version, domain, signer, payload, signature] = asTuple(decode(bytes), 'A signed object', 5)
    if (version !== 1) throw new EnvelopeError('Malformed', 'The version of the signed object is unknown')
    return {
      claimedDomain: asText(domain, 'The domain', maxDomainSize),
      signer: asBytes(signer, 'The signer', 32),
      payloadBytes: asBytes(payload, 'The payload'),
      signature: asBytes(signature, 'The signature', 64)
    }
  })
}

function checkCritical(payload: Fields, known: readonly string[]): void {
  if (payload.crit === undefined) return
  const names = malformed(() =>
    asArray(payload.crit, 'The list of critical fields', maxCritical).map(name => asText(name, 'A field name', 64))
  )
  if (names.length === 0 || new Set(names).size < names.length || names.some(name => !(name in payload))) {
    throw new EnvelopeError('Malformed', 'The list of critical fields is empty, repeats or names a missing field')
  }
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined) {
    throw new EnvelopeError('UnknownCritical', 'The signed object needs a field that this version does not know')
  }
}

function preimage(domain: string, payloadBytes: Uint8Array): Uint8Array {
  return concat([prefix, encode([domain, payloadBytes])])
}

function malformed<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof EnvelopeError) throw cause
    throw new EnvelopeError('Malformed', 'The signed object is malformed', { cause })
  }
}
