/**
 * A link that lets one device in: `BASE#pair/<payload>`, or `BASE#claim/<payload>` for the first one. BASE is where the console is served;
 * everything that matters stands behind the `#`, which browsers send to nobody.
 *
 *     payload = base64url(CBOR [ 1, secret: bytes16, peer: bytes32, twin: bytes32, level: "view" | "normal", expires: ms, addresses: [text] ])
 *
 * `peer` is the transport key of the device that made the link: whoever answers proves that it has it. The addresses are multiaddrs of that
 * device without their `/p2p/…`. A link begins the new device's side and nothing else: nobody's approval is ever behind one.
 */
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { parse } from 'valibot'
import { decode, encode } from '../../crdt/crypto/index.ts'
import { schema as v } from '../core/index.ts'
import { PairingError } from './pairing-error.ts'
import { type Level, levels } from './protocol.ts'
import { type LinkKind, secretLength } from './transcript.ts'

const maxLength = 8192
const key = v.bytes({ min: 32, max: 32 })
const shape = v.object({
  version: v.literal(1),
  secret: v.bytes({ min: secretLength, max: secretLength }),
  peer: key,
  twin: key,
  level: v.picklist(levels),
  expiresAt: v.timeMs(),
  addresses: v.list(v.text({ max: 512 }), { max: 16 })
})

export interface PairingLink {
  readonly kind: LinkKind
  /** 128 random bits */
  readonly secret: Uint8Array
  /** Transport key of the device that made it */
  readonly peer: Uint8Array
  readonly twin: Uint8Array
  readonly level: Level
  /** ms since 1970 */
  readonly expiresAt: number
  /** Multiaddrs of that device */
  readonly addresses: readonly string[]
}

export function pairingLinkToText(link: PairingLink, base: string): string {
  const { kind, secret, peer, twin, level, expiresAt, addresses } = link
  const payload = encode([1, secret, peer, twin, level, expiresAt, [...addresses]])
  return `${base.split('#')[0]}#${kind}/${bytesToString(payload, 'base64url')}`
}

/**
 * Reads a whole link, or only what is behind its `#`.
 *
 * @param now ms since 1970; a link whose time is over is an error of its own
 * @throws {PairingError} `malformed` or `expired`
 */
export function textToPairingLink(text: string, now: number): PairingLink {
  const trimmed = text.trim()
  if (trimmed.length > maxLength) throw malformed('it is too long')
  const match = /^(?:[^#]*#)?(pair|claim)\/([\w-]+)$/.exec(trimmed)
  if (match === null) throw malformed('expected …#pair/… or …#claim/…')
  const link = read(match[1] as LinkKind, match[2]!)
  if (link.expiresAt <= now) throw new PairingError('expired', 'The link has expired: make a new one at your twin')
  return link
}

function read(kind: LinkKind, payload: string): PairingLink {
  try {
    const fields = decode(fromString(payload, 'base64url'))
    if (!Array.isArray(fields) || fields.length !== 7) throw new TypeError('A link has seven fields')
    const [version, secret, peer, twin, level, expiresAt, addresses] = fields
    const { version: _, ...link } = parse(shape, { version, secret, peer, twin, level, expiresAt, addresses })
    return { kind, ...link }
  } catch (cause) {
    throw malformed('a part of it is missing or damaged', cause)
  }
}

function malformed(why: string, cause?: unknown): PairingError {
  return new PairingError('malformed', `This is not a link of a twin: ${why}`, { cause })
}
