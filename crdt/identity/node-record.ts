import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../codec.ts'
import type { Crypto, Signer } from '../crypto/index.ts'
import { asArray, asBytes, asMap, asText, asTuple, asUint, asVersion, ShapeError } from '../shape.ts'
import type { Head } from './decided-record.ts'
import type { DeviceList } from './device-list.ts'
import { openEnvelope, sealEnvelope } from './envelope.ts'
import { refuseCritical } from './owner-record.ts'

const headDomain = 'twinmesh/node-head/1'
const headFields = ['v', 'twin', 'list', 'inbox', 'mailboxes', 'at']
const nodeFields = ['v', 'twin', 'addrs', 'protocols', 'head', 'at']
/** Leaves room for signature, CID and the text form of both within the 10 KiB of an IPNS record */
const maxSize = 4096
const maxAddresses = 16
const maxAddressSize = 512
const maxProtocols = 64
const maxProtocolSize = 64
const maxMailboxes = 8
const maxMailboxSize = 512

/** How long a node record is valid; it is put again every hour. */
export const nodeRecordLifetimeMs = 48 * 3600 * 1000

/** What an admin device says for its twin: nobody else can move its inbox or hide a newer list. */
export interface NodeHead {
  readonly twin: Uint8Array
  /** Newest device-list head */
  readonly list: Head
  /** X25519 key that strangers' first messages are sealed to */
  readonly inbox: Uint8Array
  readonly mailboxes: readonly Uint8Array[]
  /** ms since 1970 */
  readonly at: number
}

/** What a node says about itself under its peer id. Addresses are hints. */
export interface NodeRecord {
  readonly twin: Uint8Array
  /** Multiaddrs in bytes, at most 16 */
  readonly addrs: readonly Uint8Array[]
  readonly protocols: readonly string[]
  /** A sealed `NodeHead` */
  readonly head: Uint8Array
  /** ms since 1970 */
  readonly at: number
}

export async function sealNodeHead(head: NodeHead, signer: Signer): Promise<Uint8Array> {
  const { twin, list, inbox, mailboxes, at } = head
  return sealEnvelope(headDomain, { v: 1, twin, list: [...list], inbox, mailboxes: [...mailboxes], at }, signer)
}

/**
 * A head that counts: signed by an admin device on the twin's newest list, not older than the head that is remembered.
 *
 * @param newest `at` of the newest head of this twin that was ever accepted
 * @throws {EnvelopeError | ShapeError} when it does not count
 */
export async function openNodeHead(
  bytes: Uint8Array,
  { list, crypto, newest = 0 }: { readonly list: DeviceList; readonly crypto: Crypto; readonly newest?: number }
): Promise<NodeHead> {
  const { signer, head } = await readNodeHead(bytes, crypto)
  if (!equals(head.twin, list.twin)) throw new ShapeError('The head is of another twin')
  if (!list.isAdmin(signer)) throw new ShapeError('The head is not signed by an admin device')
  if (head.at < newest) throw new ShapeError('The head is older than one that is known')
  return head
}

/**
 * A head of somebody whose device list is not known yet, and whoever signed it: hints about where to ask for the list.
 *
 * @throws {EnvelopeError | ShapeError}
 */
export async function readNodeHead(
  bytes: Uint8Array,
  crypto: Crypto
): Promise<{ readonly signer: Uint8Array; readonly head: NodeHead }> {
  const { signer, payload } = await openEnvelope(bytes, { domain: headDomain, crypto, fields: headFields })
  asVersion(payload.v, 'The head')
  const [term, seq, hash] = asTuple(payload.list, 'The list head', 3)
  const head: NodeHead = {
    twin: asBytes(payload.twin, 'The twin', 32),
    list: [asUint(term, 'The term'), asUint(seq, 'The sequence'), asBytes(hash, 'The hash', 32)],
    inbox: asBytes(payload.inbox, 'The inbox key', 32),
    mailboxes: asArray(payload.mailboxes, 'The mailboxes', maxMailboxes).map(mailbox => {
      const bytes = asBytes(mailbox, 'A mailbox')
      if (bytes.length > maxMailboxSize) throw new ShapeError('A mailbox is too long')
      return bytes
    }),
    at: asUint(payload.at, 'The time')
  }
  return { signer, head }
}

/** @throws {ShapeError} when it is out of its limits */
export function encodeNodeRecord({ twin, addrs, protocols, head, at }: NodeRecord): Uint8Array {
  const bytes = encode({ v: 1, twin, addrs: [...addrs], protocols: [...protocols], head, at })
  decodeNodeRecord(bytes)
  return bytes
}

/**
 * The payload of an IPNS record that was verified under the node's peer id. The claimed twin is worth nothing before the
 * device list of that twin names the peer id.
 *
 * @throws {ShapeError | CodecError}
 */
export function decodeNodeRecord(payload: Uint8Array): NodeRecord {
  if (payload.length > maxSize) throw new ShapeError(`A node record is at most ${maxSize} bytes`)
  const map = asMap(decode(payload), 'The node record')
  asVersion(map.v, 'The node record')
  refuseCritical(map.crit, nodeFields)
  return {
    twin: asBytes(map.twin, 'The twin', 32),
    addrs: asArray(map.addrs, 'The addresses', maxAddresses).map(address => {
      const bytes = asBytes(address, 'An address')
      if (bytes.length > maxAddressSize) throw new ShapeError('An address is too long')
      return bytes
    }),
    protocols: asArray(map.protocols, 'The protocols', maxProtocols).map(id =>
      asText(id, 'A protocol', maxProtocolSize)
    ),
    head: asBytes(map.head, 'The head'),
    at: asUint(map.at, 'The time')
  }
}
