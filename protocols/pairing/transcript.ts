/**
 * What both sides of a pairing compute, and nobody else can. The new device commits to its keys and a random number of its own, the
 * twin answers with its number, and only then the new device reveals: neither side, and nobody between them, can choose a number so that
 * the digits of two different pairings agree. All of it is frozen in `vectors/transcript-1.json`.
 *
 *     secret     = 16 random bytes, in the link and nowhere else
 *     offer      = HKDF-SHA256(ikm = secret, salt = twin, info = utf8("twinmesh/pairing-offer/1") ‖ 0x00, 16)
 *     newcomer   = [ transport, signing, encryption: bytes32, role: text, name: text, platform: text ]
 *     commitment = H(utf8("twinmesh/pairing-commitment/1") ‖ 0x00 ‖ CBOR [ offer, nonce of the new device: bytes32, newcomer ])
 *     transcript = H(utf8("twinmesh/pairing-transcript/1") ‖ 0x00 ‖ CBOR [ 1, "pair" | "claim", offer, peer: bytes32, twin: bytes32,
 *                  level: "view" | "normal", newcomer, nonce of the new device: bytes32, nonce of the twin: bytes32 ])
 *     digits     = the first 8 bytes, big-endian, of HKDF-SHA256(ikm = secret, salt = transcript,
 *                  info = utf8("twinmesh/pairing-digits/1") ‖ 0x00, 8), modulo 10^6, six digits
 *     words      = HKDF-SHA256(ikm = secret, salt = transcript, info = utf8("twinmesh/pairing-words/1") ‖ 0x00, 3), a word a byte
 *
 * `peer` is the transport key of the twin's device that the link pins, and what the new device's channel has authenticated; `transport` of
 * the newcomer is what the channel has authenticated at the twin. H is SHA-256, CBOR as in crdt/FORMATS.md.
 */
import { type Crypto, type Encodable, encode } from '../../crdt/crypto/index.ts'
import type { Level, Newcomer } from './protocol.ts'
import { bytesToWords } from './words.ts'

export type LinkKind = 'pair' | 'claim'

/** What of a newcomer both sides bind. */
export type BoundNewcomer = Pick<Newcomer, 'transport' | 'signing' | 'encryption' | 'role' | 'name' | 'platform'>

export interface Transcript {
  readonly kind: LinkKind
  readonly offer: Uint8Array
  /** Transport key of the device that the link pins */
  readonly peer: Uint8Array
  readonly twin: Uint8Array
  readonly level: Level
  readonly newcomer: BoundNewcomer
  readonly newcomerNonce: Uint8Array
  readonly twinNonce: Uint8Array
}

/** What both screens can show. */
export interface Shown {
  /** Six of them, to be typed at the twin */
  readonly digits: string
  /** Three, to be compared when no digits are asked for */
  readonly words: string
}

export const secretLength = 16
export const nonceLength = 32

/** Names an offer to whoever knows its secret. */
export function secretToOffer(secret: Uint8Array, twin: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.hkdf(secret, twin, domain('twinmesh/pairing-offer/1'), 16)
}

export function commit(offer: Uint8Array, nonce: Uint8Array, newcomer: BoundNewcomer, crypto: Crypto): Uint8Array {
  return hash('twinmesh/pairing-commitment/1', [offer, nonce, toTuple(newcomer)], crypto)
}

export function show(secret: Uint8Array, transcript: Transcript, crypto: Crypto): Shown {
  const { kind, offer, peer, twin, level, newcomer, newcomerNonce, twinNonce } = transcript
  const fields = [1, kind, offer, peer, twin, level, toTuple(newcomer), newcomerNonce, twinNonce]
  const salt = hash('twinmesh/pairing-transcript/1', fields, crypto)
  const bytes = crypto.hkdf(secret, salt, domain('twinmesh/pairing-digits/1'), 8)
  const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)
  return {
    digits: String(value % 1_000_000n).padStart(6, '0'),
    words: bytesToWords(crypto.hkdf(secret, salt, domain('twinmesh/pairing-words/1'), 3))
  }
}

function toTuple({ transport, signing, encryption, role, name, platform }: BoundNewcomer) {
  return [transport, signing, encryption, role, name, platform]
}

function hash(name: string, value: Encodable, crypto: Crypto): Uint8Array {
  return crypto.sha256(domain(name), encode(value))
}

function domain(name: string): Uint8Array {
  return new TextEncoder().encode(`${name}\0`)
}
