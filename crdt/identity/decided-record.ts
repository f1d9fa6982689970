import { equals } from 'uint8arrays/equals'
import { preimage } from '../bytes.ts'
import type { Encodable } from '../codec.ts'
import type { Crypto, Signer } from '../crypto/index.ts'
import { asBytes, asMap, asText, asUint, asVersion, type Fields, ShapeError } from '../shape.ts'
import { openEnvelope, sealEnvelope } from './envelope.ts'

export const decidedDomain = 'twinmesh/decided/1'
const hashDomain = 'twinmesh/decided-hash/1'
const fields = ['v', 'log', 'term', 'seq', 'prev', 'keeper', 'at', 'kind', 'body']
const maxKindSize = 32

/** [term, seq, hash] of the last record of a log, as it stands in entries and messages. */
export type Head = readonly [term: number, seq: number, hash: Uint8Array]

export interface DecidedRecordInit {
  /** Id of the log, 32 bytes */
  readonly log: Uint8Array
  readonly term: number
  readonly seq: number
  /** Hash of the record before; `undefined` for the first one */
  readonly prev: Uint8Array | undefined
  /** Signing key of the device that decides from this record on */
  readonly keeper: Uint8Array
  /** ms since 1970, for display only */
  readonly at: number
  readonly kind: string
  readonly body: { readonly [field: string]: Encodable | undefined }
}

/** A record whose own signature was verified. `B` is its body once the log's rules have read it. */
export interface DecidedRecord<B = Fields> extends Omit<DecidedRecordInit, 'body'> {
  readonly body: B
  readonly signer: Uint8Array
  readonly hash: Uint8Array
  readonly bytes: Uint8Array
}

export function headOf({ term, seq, hash }: DecidedRecord<unknown>): Head {
  return [term, seq, hash]
}

/** Whether a record begins a term: those are signed by the log's authority, all others by the term's keeper. */
export function opensTerm({ kind }: { readonly kind: string }): boolean {
  return kind === 'genesis' || kind === 'takeover'
}

export async function sealRecord(init: DecidedRecordInit, signer: Signer): Promise<Uint8Array> {
  const { log, term, seq, prev, keeper, at, kind, body } = init
  return sealEnvelope(decidedDomain, { v: 1, log, term, seq, prev: prev ?? null, keeper, at, kind, body }, signer)
}

/**
 * The record in an envelope, its signature and shape verified; its place in a log is the log's question.
 *
 * @param hash `recordHash` of it, if it is at hand
 * @throws {EnvelopeError | ShapeError}
 */
export async function openRecord(
  bytes: Uint8Array,
  crypto: Crypto,
  hash = recordHash(bytes, crypto)
): Promise<DecidedRecord> {
  const { signer, payload } = await openEnvelope(bytes, { domain: decidedDomain, crypto, fields })
  asVersion(payload.v, 'The record')
  const record: DecidedRecord = {
    log: asBytes(payload.log, 'The log', 32),
    term: asUint(payload.term, 'The term'),
    seq: asUint(payload.seq, 'The sequence'),
    prev: payload.prev === null ? undefined : asBytes(payload.prev, 'The hash of the record before', 32),
    keeper: asBytes(payload.keeper, 'The keeper', 32),
    at: asUint(payload.at, 'The time'),
    kind: asText(payload.kind, 'The kind', maxKindSize),
    body: asMap(payload.body, 'The body'),
    signer,
    hash,
    bytes
  }
  checkKind(record)
  return record
}

/** What the next record names as the one before it. */
export function recordHash(bytes: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(preimage(hashDomain, bytes))
}

function checkKind({ kind, term, seq, prev, keeper, signer, body }: DecidedRecord): void {
  if ((prev === undefined) !== (seq === 0)) throw new ShapeError('Only the first record has none before it')
  if (kind === 'genesis') {
    if (seq !== 0 || term !== 0) throw new ShapeError('A genesis is the first record of the first term')
  } else if (kind === 'takeover') {
    if (term === 0) throw new ShapeError('A take-over opens a later term')
    if (!equals(asBytes(body.keeper, 'The new keeper', 32), keeper)) {
      throw new ShapeError('The take-over names two keepers')
    }
  } else if (seq === 0) {
    throw new ShapeError('A log begins with a genesis or a take-over')
  } else if (!equals(signer, keeper)) {
    throw new ShapeError('The record is not signed by the keeper it names')
  }
}
