import { equals } from 'uint8arrays/equals'
import type { Crypto, Signer } from '../crypto/index.ts'
import { asText } from '../shape.ts'
import { type DecidedRecord, openRecord, opensTerm, sealRecord } from './decided-record.ts'
import type { DecidedRules } from './decided-rules.ts'

/** A log of words, each said once, so that a record can be impossible at its place. */
export type Words = readonly string[]

export interface RecordSketch {
  readonly parent: DecidedRecord | undefined
  readonly term: number
  readonly kind: string
  readonly keeper: Signer
  readonly signer: Signer
  readonly word: string
  readonly at?: number
}

/** Keys, rules, a maker of records and a slow model of what a log over them must be. */
export function words(crypto: Crypto) {
  const logId = new Uint8Array(32).fill(9)
  const signer = (n: number): Signer => crypto.signer(new Uint8Array(32).fill(n))
  // The first two may open terms, the last one may not keep
  const [owner, deputy, keeper, otherKeeper, exiled] = [signer(1), signer(2), signer(3), signer(4), signer(5)]
  const signers = [owner, deputy, keeper, otherKeeper, exiled]
  const authorities: readonly Signer[] = [owner, deputy]
  const isAuthority = (key: Uint8Array) => authorities.some(({ publicKey }) => equals(publicKey, key))

  const wordRules: DecidedRules<Words, string> = {
    log: logId,
    read: ({ body }) => asText(body.word ?? '', 'The word', 100),
    mayOpen: ({ signer }) => isAuthority(signer),
    mayKeep: ({ signer }) => !equals(signer, exiled.publicKey),
    apply: ({ body }, before = []) => {
      if (before.includes(body)) throw new Error('The word was said')
      return body === '' ? before : [...before, body]
    }
  }

  async function makeRecord(sketch: RecordSketch): Promise<DecidedRecord> {
    const { parent, term, kind, keeper, signer, word, at = 0 } = sketch
    const bytes = await sealRecord(
      {
        log: logId,
        term,
        seq: parent === undefined ? 0 : parent.seq + 1,
        prev: parent?.hash,
        keeper: keeper.publicKey,
        at,
        kind,
        body: kind === 'takeover' ? { keeper: keeper.publicKey, word } : { word }
      },
      signer
    )
    return openRecord(bytes, crypto)
  }

  /** What a log over all of these records must be, the slow and plain way: no order, no state kept between records. */
  function model(given: readonly DecidedRecord[]): { chain: DecidedRecord[]; isFrozen: boolean } {
    const isFirst = (record: DecidedRecord, index: number) =>
      given.findIndex(({ hash }) => equals(hash, record.hash)) === index
    const records = given.filter(isFirst)
    const parentOf = (record: DecidedRecord) => record.prev && records.find(other => equals(other.hash, record.prev!))
    const isValid = (record: DecidedRecord): boolean => {
      const parent = parentOf(record)
      if (record.prev !== undefined && (parent === undefined || !isValid(parent))) return false
      if (parent !== undefined && record.seq !== parent.seq + 1) return false
      if (pathTo(parent).some(other => other.body.word !== '' && other.body.word === record.body.word)) return false
      if (opensTerm(record)) {
        if (!isAuthority(record.signer)) return false
        return parent === undefined || record.term > parent.term
      }
      if (parent === undefined || record.term !== parent.term) return false
      return equals(record.signer, parent.keeper) && !equals(record.signer, exiled.publicKey)
    }
    function pathTo(record: DecidedRecord | undefined): DecidedRecord[] {
      return record === undefined ? [] : [...pathTo(parentOf(record)), record]
    }
    const valid = records.filter(isValid)
    const highest = Math.max(-1, ...valid.map(({ term }) => term))
    const top = valid.filter(({ term }) => term === highest)
    const ends = top.filter(record => !top.some(other => other.prev !== undefined && equals(other.prev, record.hash)))
    const paths = ends.map(pathTo)
    const chain = (paths[0] ?? []).filter((record, index) => paths.every(path => path[index] === record))
    return { chain, isFrozen: ends.length > 1 }
  }

  return {
    crypto,
    logId,
    signers,
    owner,
    deputy,
    keeper,
    otherKeeper,
    exiled,
    authorities,
    wordRules,
    makeRecord,
    model
  }
}
