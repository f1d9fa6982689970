import { createHash } from 'node:crypto'
import { decode, encode } from '../../crdt/crypto/index.ts'
import { openEnvelope, sealEnvelope, twinToText } from '../../crdt/identity/index.ts'
import type { Signer } from '../../crdt/index.ts'
import { nodeCrypto } from '../crypto.ts'

/** Largest frame of a backup file; a chunk holds at least one row, and a run has 1 MiB at most */
export const maxFrame = 4 * 1024 * 1024
/** Bytes of rows after which a chunk is closed */
export const chunkBytes = 256 * 1024
const keyDomain = 'twinmesh/backup/1'
const endDomain = 'twinmesh/backup-end/1'

/** What stands at the head of a file (FORMATS §21), readable by anybody. */
export interface BackupHeader {
  readonly twin: Uint8Array
  /** Number of the file, from 1 */
  readonly n: number
  /** Number of the whole backup that this file goes on from; `n` itself for a whole one */
  readonly base: number
  /** Hash of the file before; null for a whole backup */
  readonly prev: Uint8Array | null
  readonly at: number
  /** Number of the device that wrote it */
  readonly device: number
  /** Device list of the twin, to check the signature at the end */
  readonly list: readonly Uint8Array[]
  /** Key of the chunks, sealed to the phrase's recovery key */
  readonly enc: Uint8Array
  readonly key: Uint8Array
}

/** What is in a backup up to and including a file. */
export interface BackupSum {
  readonly rows: number
  readonly spaces: number
  readonly entries: number
}

export type BackupRow = readonly [key: string, value: Uint8Array]

/** A backup cannot be used; `next` says what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly next: string

  constructor(message: string, next = 'Use another copy of the backup', options?: ErrorOptions) {
    super(message, options)
    this.next = next
  }
}

export function nameOf(n: number): string {
  return `${String(n).padStart(8, '0')}.twinbackup`
}

export function numberOf(name: string): number | undefined {
  const found = /^(\d{8})\.twinbackup$/.exec(name)
  return found === null ? undefined : Number(found[1])
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

export function keyInfo({ twin, n, base }: Pick<BackupHeader, 'twin' | 'n' | 'base'>): Uint8Array {
  const domain = new TextEncoder().encode(keyDomain)
  return Buffer.concat([domain, Uint8Array.of(0), encode([twin, n, base])])
}

export function encodeHeader(header: BackupHeader): Uint8Array {
  const { twin, n, base, prev, at, device, list, enc, key } = header
  return encode(['twinmesh/backup', 1, { twin, n, base, prev, at, device, list: [...list], enc, key }])
}

export function decodeHeader(bytes: Uint8Array): BackupHeader {
  const value = decode(bytes)
  if (!Array.isArray(value) || value[0] !== 'twinmesh/backup') throw new BackupError('This is no backup of a twin')
  if (value[1] !== 1) throw new BackupError('A later version wrote the backup', 'Update this installation')
  const header = value[2] as Record<keyof BackupHeader, unknown>
  const isOurs =
    isBytes(header?.twin, 32) &&
    isCount(header.n) &&
    isCount(header.base) &&
    (header.prev === null || isBytes(header.prev, 32)) &&
    isCount(header.at) &&
    isCount(header.device) &&
    Array.isArray(header.list) &&
    header.list.every(record => isBytes(record)) &&
    isBytes(header.enc, 32) &&
    isBytes(header.key, 48)
  if (!isOurs) throw new BackupError('The backup is damaged: its head cannot be read')
  // Every field was checked above
  return header as unknown as BackupHeader
}

/** Seals a part of the rows; with `sum` it is the last. */
export async function sealChunk(
  key: Uint8Array,
  head: Uint8Array,
  at: number,
  rows: readonly BackupRow[],
  sum?: BackupSum
): Promise<Uint8Array> {
  const plain = encode([rows as [string, Uint8Array][], sum === undefined ? null : { ...sum }])
  return nodeCrypto().aeadSeal(key, nonceOf(at), encode([head, at]), plain)
}

export async function openChunk(
  key: Uint8Array,
  head: Uint8Array,
  at: number,
  sealed: Uint8Array
): Promise<{ rows: readonly BackupRow[]; sum: BackupSum | null }> {
  const plain = await nodeCrypto().aeadOpen(key, nonceOf(at), encode([head, at]), sealed)
  if (plain === undefined) throw new BackupError('The backup was changed: a part of it does not open')
  const [rows, sum] = decode(plain) as [BackupRow[], BackupSum | null]
  return { rows, sum }
}

/** The device says that the file up to here is its work. */
export function sealEnd(header: BackupHeader, hash: Uint8Array, signer: Signer): Promise<Uint8Array> {
  return sealEnvelope(endDomain, { v: 1, twin: header.twin, n: header.n, hash }, signer)
}

/** The key that signed the end of a file. */
export async function openEnd(bytes: Uint8Array, header: BackupHeader, hash: Uint8Array): Promise<Uint8Array> {
  const fields = ['v', 'twin', 'n', 'hash']
  const { signer, payload } = await openEnvelope(bytes, { domain: endDomain, crypto: nodeCrypto(), fields })
  const isIt = isBytes(payload.hash, 32) && isSame(payload.hash, hash) && payload.n === header.n
  if (!isIt || !isBytes(payload.twin, 32) || !isSame(payload.twin, header.twin)) {
    throw new BackupError(`File ${nameOf(header.n)} of the backup of ${twinToText(header.twin)} was changed`)
  }
  return signer
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

function nonceOf(at: number): Uint8Array {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, at)
  return nonce
}

function isBytes(value: unknown, length?: number): value is Uint8Array {
  return value instanceof Uint8Array && (length === undefined || value.length === length)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
