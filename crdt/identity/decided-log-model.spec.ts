import { expect } from 'chai'
import fc from 'fast-check'
import { nodeCrypto } from '../../node/crypto.ts'
import { type Words, words } from './decided-log.fixture.ts'
import { DecidedLog } from './decided-log.ts'
import type { DecidedRecord } from './decided-record.ts'
import { isForkProof } from './fork-proof.ts'

const crypto = nodeCrypto()
const { authorities, keeper, logId, makeRecord, model, owner, signers, wordRules } = words(crypto)
const newLog = (): DecidedLog<Words, string> => new DecidedLog({ rules: wordRules, crypto })
const genesis = () => makeRecord({ parent: undefined, term: 0, kind: 'genesis', keeper, signer: owner, word: '' })

describe('decided log against a slow model', () => {
  it('is the same function of its records in whatever order they come', async function () {
    this.timeout(120_000)
    const step = fc.record({
      parent: fc.nat(),
      kind: fc.constantFrom('say', 'say', 'say', 'say', 'takeover', 'takeover', 'genesis'),
      termStep: fc.constantFrom(0, 1, 1, 2),
      isRoot: fc.boolean(),
      // Mostly who should sign
      signer: fc.option(fc.nat({ max: 4 }), { freq: 4 }),
      keeper: fc.nat({ max: 4 }),
      word: fc.constantFrom('', '', '', 'yes', 'no'),
      at: fc.nat({ max: 1 })
    })
    const run = fc.asyncProperty(
      fc.array(step, { maxLength: 14 }),
      fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
      async (steps, order) => {
        const records = [await genesis()]
        for (const { parent, kind, termStep, isRoot, signer, keeper, word, at } of steps) {
          const before = isRoot && kind !== 'say' ? undefined : records[parent % records.length]!
          const opens = kind !== 'say'
          const term = kind === 'genesis' ? 0 : (before?.term ?? 0) + (opens ? Math.max(termStep, 1) : 0)
          const heir = opens || before === undefined ? signers[keeper]! : byKey(before.keeper)
          try {
            records.push(
              await makeRecord({
                parent: kind === 'genesis' ? undefined : before,
                term,
                kind,
                keeper: signer === null || opens ? heir : signers[signer]!,
                signer: signer === null ? (opens ? authorities[keeper % 2]! : heir) : signers[signer]!,
                word,
                at
              })
            )
          } catch {
            // Not a record at all: the shape says so before any log sees it
          }
        }
        const expected = model(records)
        for (const shuffled of [records, shuffle(records, order), shuffle([...records].reverse(), order)]) {
          const log = newLog()
          // What lacks the record before it comes again, as from a peer that is asked for it
          for (let round = 0; round <= records.length; round++)
            for (const { bytes } of shuffled) await log.append(bytes)
          expect(log.records.map(({ hash }) => hash)).to.deep.equal(expected.chain.map(({ hash }) => hash))
          expect(log.proof !== undefined).to.equal(expected.isFrozen)
          expect(log.state).to.deep.equal(wordsOf(expected.chain))
          if (log.proof !== undefined) expect(await isForkProof(log.proof, logId, crypto)).to.equal(true)
          const copy = newLog()
          for (const bytes of log.since()) await copy.append(bytes)
          expect([copy.head, copy.proof !== undefined]).to.deep.equal([log.head, expected.isFrozen])
        }
      }
    )
    await fc.assert(run, { numRuns: 100 })
  })
})

function wordsOf(chain: readonly DecidedRecord[]): string[] | undefined {
  if (chain.length === 0) return undefined
  return chain.map(({ body }) => body.word as string).filter(word => word !== '')
}

function byKey(publicKey: Uint8Array) {
  return signers.find(signer => signer.publicKey.join() === publicKey.join())!
}

function shuffle<T>(items: readonly T[], order: readonly number[]): T[] {
  return items
    .map((item, index) => ({ item, key: order[index % order.length]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
