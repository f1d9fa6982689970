import { domainPrefix } from '../bytes.ts'
import { decode, encode } from '../codec.ts'
import type { Crypto, MaybePromise, Signer } from '../crypto/index.ts'
import {
  asBytes,
  asList,
  asText,
  asUint,
  FormatError,
  type LogHead,
  type LogId,
  maxDocumentBytes
} from '../log/index.ts'
import { type ListedEntries, readListedEntries } from './listed-entries.ts'

/** A milestone with its names fits an item of a sync session. */
export const maxMilestoneBytes = 1024 * 1024
const maxLogs = 8192
const maxParts = 16_384
const maxDocuments = 16_384
const maxClients = 8192
const domain = domainPrefix('twinmesh/milestone/1')
const listDomain = domainPrefix('twinmesh/milestone-list/1')
const keyDomain = domainPrefix('twinmesh/snapshot-key/1')

/** FORMATS §20: what the documents of a space are once everything up to certain heads was applied, by the word of one device. */
export interface Milestone {
  /** 2: by a writer, of its own logs and the documents that only it writes. */
  readonly version: 1 | 2
  readonly space: Uint8Array
  readonly by: LogId
  /** Grows with each milestone of the device. */
  readonly number: number
  /** Epoch under whose key the list is sealed. */
  readonly epoch: number
  /** Everything of these logs up to here is in the snapshots, or in no document. */
  readonly logs: readonly LogHead[]
  /** Hash and length of each sealed part of a snapshot. */
  readonly parts: readonly (readonly [hash: Uint8Array, size: number])[]
  /** The documents, sealed. */
  readonly list: Uint8Array
  readonly signature: Uint8Array
}

/** One document in a milestone. */
export interface ListedDocument {
  readonly document: string
  /** Epoch under whose key its parts are sealed. */
  readonly epoch: number
  /** How many parts it has, after those of the documents before. */
  readonly parts: number
  /** Clock after the last struct of each Yjs client. */
  readonly clocks: readonly (readonly [client: number, clock: number])[]
  /** Logs of which it has entries beyond what the milestone covers. */
  readonly beyond: readonly (readonly [twin: Uint8Array, device: number, seq: number])[]
  /** In milestones of writers: their rows name the entries that they come from. */
  readonly entries?: ListedEntries
}

export type UnsignedMilestone = Omit<Milestone, 'signature' | 'list'>

/** The key of everything that one device seals for milestones in one epoch (32 bytes). */
export function snapshotKey(crypto: Crypto, epochKey: Uint8Array, space: Uint8Array, by: LogId): Uint8Array {
  const device = encode(by.device)
  const info = new Uint8Array(keyDomain.length + by.twin.length + device.length)
  info.set(keyDomain)
  info.set(by.twin, keyDomain.length)
  info.set(device, keyDomain.length + by.twin.length)
  return crypto.hkdf(epochKey, space, info, 32)
}

/** @param key of `snapshotKey` for the milestone's epoch */
export async function signMilestone(
  unsigned: UnsignedMilestone,
  documents: readonly ListedDocument[],
  key: Uint8Array,
  signer: Signer,
  crypto: Crypto
): Promise<Milestone> {
  const plain = encode(
    documents.map(({ document, epoch, parts, clocks, beyond, entries }) => {
      const fields = [document, epoch, parts, clocks, beyond] as const
      return unsigned.version === 1 ? fields : [...fields, entries ?? []]
    })
  )
  const nonce = crypto.randomBytes(12)
  const box = await crypto.aeadSeal(key, nonce, listData(unsigned), plain)
  const list = new Uint8Array(12 + box.length)
  list.set(nonce)
  list.set(box, 12)
  const signature = await signer.sign(milestonePreimage({ ...unsigned, list }))
  return { ...unsigned, list, signature }
}

export function verifyMilestone(milestone: Milestone, signing: Uint8Array, crypto: Crypto): MaybePromise<boolean> {
  return crypto.verify(signing, milestonePreimage(milestone), milestone.signature)
}

/** The documents, or `undefined` when the list does not open or is none. */
export async function openList(
  milestone: Milestone,
  key: Uint8Array,
  crypto: Crypto
): Promise<ListedDocument[] | undefined> {
  const { list } = milestone
  const plain = await crypto.aeadOpen(key, list.subarray(0, 12), listData(milestone), list.subarray(12))
  if (plain === undefined) return undefined
  try {
    const documents = asList(decode(plain, { maxItems: 4_000_000 }), undefined, maxDocuments).map(item =>
      readDocument(item, milestone.version)
    )
    const names = new Set(documents.map(({ document }) => document))
    const parts = documents.reduce((sum, document) => sum + document.parts, 0)
    return names.size === documents.length && parts === milestone.parts.length ? documents : undefined
  } catch {
    return undefined
  }
}

export function encodeMilestone(milestone: Milestone): Uint8Array {
  return encode([...fieldsOf(milestone), milestone.signature])
}

/** @throws {FormatError} for anything that is not a milestone within its limits */
export function decodeMilestone(bytes: Uint8Array): Milestone {
  if (bytes.length > maxMilestoneBytes) throw new FormatError('The milestone is too long')
  const fields = asList(decodeAny(bytes), 10)
  const [version, space, twin, device, number, epoch, logs, parts, list, signature] = fields
  if (version !== 1 && version !== 2) throw new FormatError('The version of the milestone is not known')
  const milestone: Milestone = {
    version,
    space: asBytes(space, 32),
    by: { twin: asBytes(twin, 32), device: asUint(device, 0xffff) },
    number: asUint(number),
    epoch: asUint(epoch),
    logs: asList(logs, undefined, maxLogs).map(readHead),
    parts: asList(parts, undefined, maxParts).map(item => {
      const [hash, size] = asList(item, 2)
      return [asBytes(hash, 32), asUint(size, maxMilestoneBytes)] as const
    }),
    list: asBytes(list),
    signature: asBytes(signature, 64)
  }
  if (milestone.list.length < 28) throw new FormatError('The list of the milestone is too short')
  return milestone
}

function milestonePreimage(milestone: Omit<Milestone, 'signature'>): Uint8Array {
  const body = encode(fieldsOf(milestone))
  const message = new Uint8Array(domain.length + body.length)
  message.set(domain)
  message.set(body, domain.length)
  return message
}

function fieldsOf({ version, space, by, number, epoch, logs, parts, list }: Omit<Milestone, 'signature'>) {
  return [version, space, by.twin, by.device, number, epoch, logs, parts, list] as const
}

function listData({ space, by, number, epoch }: UnsignedMilestone): Uint8Array {
  const body = encode([space, by.twin, by.device, number, epoch])
  const data = new Uint8Array(listDomain.length + body.length)
  data.set(listDomain)
  data.set(body, listDomain.length)
  return data
}

function decodeAny(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { maxDepth: 4, maxItems: 8 * (maxLogs + maxParts) })
  } catch (cause) {
    throw new FormatError('The milestone is not well formed', { cause })
  }
}

function readHead(value: unknown): LogHead {
  const [twin, device, seq, hash] = asList(value, 4)
  return [asBytes(twin, 32), asUint(device, 0xffff), asUint(seq), asBytes(hash, 32)]
}

function readDocument(value: unknown, version: Milestone['version']): ListedDocument {
  const [document, epoch, parts, clocks, beyond, entries] = asList(value, version === 1 ? 5 : 6)
  return {
    ...(version === 2 && { entries: readListedEntries(entries, maxClients) }),
    document: asText(document, maxDocumentBytes),
    epoch: asUint(epoch),
    parts: asUint(parts, maxParts),
    clocks: asList(clocks, undefined, maxClients).map(item => {
      const [client, clock] = asList(item, 2)
      return [asUint(client, 0xffffffff), asUint(clock)] as const
    }),
    beyond: asList(beyond, undefined, maxLogs).map(item => {
      const [twin, device, seq] = asList(item, 3)
      return [asBytes(twin, 32), asUint(device, 0xffff), asUint(seq)] as const
    })
  }
}
