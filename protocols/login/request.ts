/**
 * What a site asks (crdt/FORMATS.md §25). As text it is `login/<base64url>`: behind the `#` of a console's address, which browsers send to
 * nobody, or behind `web+twin:`, for the console that the visitor's browser knows.
 */
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { asArray, asBytes, asText, asTuple, asUint, type Crypto, decode, encode } from '../../crdt/crypto/index.ts'
import { LoginError } from './login-error.ts'
import {
  type LoginScope,
  loginClockSkewMs,
  loginLifetimeMs,
  loginScopes,
  maxOriginSize,
  maxRequestLength
} from './rules.ts'

const hashDomain = new TextEncoder().encode('twinmesh/login-request/1\0')
const maxReturnSize = 1024
export const minNonceSize = 16
export const maxNonceSize = 32

export interface LoginRequest {
  /** Origin of the site that asks and alone is answered: `https://library.example` */
  readonly audience: string
  /** 16 to 32 random bytes of the site */
  readonly nonce: Uint8Array
  readonly scopes: readonly LoginScope[]
  /** ms since 1970, by the clock of the site */
  readonly expiresAt: number
  /** Where the answer is brought to, within `audience` */
  readonly returnTo: string
}

export interface ReadRequest extends LoginRequest {
  /** 32 bytes: what the answer is bound to */
  readonly hash: Uint8Array
}

/** @throws {LoginError} `malformed` */
export function loginRequestToText(request: LoginRequest): string {
  checkRequest(request)
  return `login/${bytesToString(requestToBytes(request), 'base64url')}`
}

export function hashRequest(request: LoginRequest, crypto: Crypto): Uint8Array {
  return crypto.sha256(hashDomain, requestToBytes(request))
}

/**
 * Reads a request, with whatever address it stands behind.
 *
 * @param now ms since 1970
 * @throws {LoginError} `malformed` or `expired`
 */
export function textToLoginRequest(text: string, crypto: Crypto, now: number): ReadRequest {
  const trimmed = text.trim()
  if (trimmed.length > maxRequestLength) throw malformed('it is too long')
  const match = /^(?:[^#]*#|web\+twin:)?login\/([\w-]+)$/.exec(trimmed)
  if (match === null) throw malformed('expected web+twin:login/… or …#login/…')
  const request = read(match[1]!)
  if (now >= request.expiresAt + loginClockSkewMs) {
    throw new LoginError('expired', 'The site asked too long ago: ask it again')
  }
  if (request.expiresAt > now + loginLifetimeMs + loginClockSkewMs) throw malformed('it is good for too long')
  return { ...request, hash: hashRequest(request, crypto) }
}

/**
 * Whether a text is the origin of a site that can be trusted to be the one it says: over TLS, or on this machine.
 */
export function isSiteOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { origin, protocol, hostname } = new URL(text)
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)))
}

function requestToBytes({ audience, nonce, scopes, expiresAt, returnTo }: LoginRequest): Uint8Array {
  return encode([1, audience, nonce, [...scopes], expiresAt, returnTo])
}

function read(payload: string): LoginRequest {
  let request: LoginRequest
  try {
    const fields = asTuple(decode(fromString(payload, 'base64url')), 'The request', 6)
    const [version, audience, nonce, scopes, expiresAt, returnTo] = fields
    asUint(version, 'The version', 1, 1)
    request = {
      audience: asText(audience, 'The audience', maxOriginSize),
      nonce: asBytes(nonce, 'The nonce'),
      scopes: asScopes(scopes),
      expiresAt: asUint(expiresAt, 'The time of expiry'),
      returnTo: asText(returnTo, 'The address', maxReturnSize)
    }
  } catch (cause) {
    throw malformed('a part of it is missing, damaged or not known', cause)
  }
  checkRequest(request)
  return request
}

/** @throws {Error} when it is no list of different scopes, with the twin id among them */
export function asScopes(value: unknown): LoginScope[] {
  const scopes = asArray(value, 'The scopes', loginScopes.length).map(name => {
    const scope = loginScopes.find(known => known === name)
    if (scope === undefined) throw new TypeError('A scope is not known')
    return scope
  })
  if (!scopes.includes('id') || new Set(scopes).size < scopes.length) throw new TypeError('The scopes are incomplete')
  return scopes
}

function checkRequest({ audience, nonce, returnTo }: LoginRequest): void {
  if (nonce.length < minNonceSize || nonce.length > maxNonceSize) throw malformed('its nonce has another length')
  if (!isSiteOrigin(audience)) throw malformed('its site is not one that can be told apart: expected https://…')
  if (returnTo.length > maxReturnSize || !isWithin(returnTo, audience)) {
    throw malformed('it would bring the answer to another site')
  }
}

/** The very form that a browser gives the address, so that nothing of it is read in two ways. */
function isWithin(address: string, audience: string): boolean {
  if (address.includes('#') || !URL.canParse(address)) return false
  const { href, origin, protocol, username, password } = new URL(address)
  return href === address && origin === audience && audience.startsWith(protocol) && username === '' && password === ''
}

function isLoopback(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost' || hostname.endsWith('.localhost')
}

function malformed(why: string, cause?: unknown): LoginError {
  return new LoginError('malformed', `This is not a request of a site: ${why}`, { cause })
}
