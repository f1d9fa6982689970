import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from '../../crdt/codec.ts'
import { decodeSnapshot } from '../../crdt/documents/index.ts'
import {
  decodeNodeRecord,
  decodeOwnerRecord,
  openEnvelope,
  openRecord,
  verifyCertificate
} from '../../crdt/identity/index.ts'
import { decodeRun, hexToBytes } from '../../crdt/log/index.ts'
import { decodeWrap } from '../../crdt/membership/index.ts'
import { decodeItem } from '../../crdt/sync/index.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { textToInviteLink } from '../../protocols/contacts/invite-link.ts'
import { decodeFrame } from '../../protocols/core/frame.ts'
import { decodeCbor } from '../../protocols/core/index.ts'
import { FrameCutter } from '../../protocols/core/unframe.ts'
import { projectRoot } from '../project.ts'
import type { FuzzTargetFactory } from './target.ts'

const crypto = nodeCrypto()
const text = new TextDecoder()
const envelope = { domain: 'twinmesh/test/1', crypto, fields: ['v', 'a', 'text'] }

const decoders: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  codec: bytes => decode(bytes),
  certificate: bytes => verifyCertificate(bytes, crypto),
  envelope: bytes => openEnvelope(bytes, envelope),
  record: bytes => openRecord(bytes, crypto),
  'node-record': decodeNodeRecord,
  'owner-record': decodeOwnerRecord,
  run: decodeRun,
  wrap: decodeWrap,
  snapshot: decodeSnapshot,
  'sync-item': decodeItem,
  invite: bytes => textToInviteLink(text.decode(bytes)),
  cbor: bytes => decodeCbor(bytes),
  framing: bytes => new FrameCutter(65_536).push(bytes).map(decodeFrame)
}

/** What a decoder says of bytes that are not what it reads. */
const refusals = new Set([
  'CodecError',
  'DecodeError',
  'EnvelopeError',
  'FormatError',
  'ProtocolError',
  'ShapeError',
  'SyncError'
])

/** Every decoder of bytes that come from elsewhere, under all frozen vectors and what becomes of them. */
export const decoderTarget: FuzzTargetFactory = {
  name: 'decoders',
  lifeFrames: Number.POSITIVE_INFINITY,
  make: async () => {
    const seeds = vectors()
    const take = async (bytes: Uint8Array): Promise<void> => {
      for (const [name, read] of Object.entries(decoders)) {
        try {
          await read(bytes)
        } catch (cause) {
          if (!(cause instanceof Error) || !refusals.has(cause.name))
            throw new Error(`${name}: ${String(cause)}`, { cause })
        }
      }
    }
    return { name: 'decoders', seeds, frame: take, isAlive: () => take(seeds[0]!), stop: async () => {} }
  }
}

/** All hexadecimal strings and invite links of the frozen vectors. */
function vectors(): Uint8Array[] {
  const found: Uint8Array[] = []
  const collect = (value: unknown): void => {
    if (typeof value === 'string') {
      if (/^([0-9a-f]{2}){8,2000}$/.test(value)) found.push(hexToBytes(value))
      else if (value.startsWith('twin:')) found.push(new TextEncoder().encode(value))
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
  }
  for (const folder of [
    'crdt/vectors',
    'protocols/core/vectors',
    'protocols/contacts/vectors',
    'protocols/hello/vectors'
  ]) {
    for (const file of readdirSync(join(projectRoot, folder))) {
      if (file.endsWith('.json')) collect(JSON.parse(readFileSync(join(projectRoot, folder, file), 'utf8')))
    }
  }
  return found
}
