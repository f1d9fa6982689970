import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { type Words, words } from './decided-log.fixture.ts'
import { DecidedLog } from './decided-log.ts'
import { type DecidedRecord, headOf, openRecord, sealRecord } from './decided-record.ts'
import { isForkProof } from './fork-proof.ts'
import type { AppendResult } from './record-tree.ts'

type Log = DecidedLog<Words, string>

const crypto = nodeCrypto()
const { deputy, exiled, keeper, logId, makeRecord, otherKeeper, owner, wordRules } = words(crypto)
const newLog = (): Log => new DecidedLog({ rules: wordRules, crypto })
const genesis = () => makeRecord({ parent: undefined, term: 0, kind: 'genesis', keeper, signer: owner, word: '' })
const say = (parent: DecidedRecord, word: string) =>
  makeRecord({ parent, term: parent.term, kind: 'say', keeper, signer: keeper, word })

async function logOf(...records: DecidedRecord[]): Promise<Log> {
  const log = newLog()
  for (const { bytes } of records) expect((await log.append(bytes)).outcome).to.equal('added')
  return log
}

const reasonOf = (result: AppendResult<string>): string =>
  result.outcome === 'refused' ? result.reason : result.outcome

describe('decided log', () => {
  it('propose() writes what append() on another replica takes', async () => {
    const first = await genesis()
    const [mine, theirs] = [await logOf(first), await logOf(first)]
    for (const word of ['a', 'b', 'c']) await mine.propose('say', { word }, keeper, 1)
    for (const bytes of mine.since(theirs.head)) await theirs.append(bytes)
    expect(theirs.state).to.deep.equal(['a', 'b', 'c'])
    expect(theirs.head).to.deep.equal(mine.head)
  })

  it('propose() at once many times makes one line, not a fork', async () => {
    const log = await logOf(await genesis())
    await Promise.all(Array.from({ length: 20 }, (_, n) => log.propose('say', { word: `${n}` }, keeper, n)))
    expect(log.records).to.have.length(21)
    expect(log.proof).to.equal(undefined)
  })

  it('propose() is refused to whoever is not the keeper, and for what is not possible', async () => {
    const log = await logOf(await genesis())
    await log.propose('say', { word: 'a' }, keeper, 1)
    for (const signer of [owner, otherKeeper]) {
      expect(await rejection(log.propose('say', { word: 'b' }, signer, 1))).to.match(/Only the keeper/)
    }
    expect(await rejection(log.propose('say', { word: 'a' }, keeper, 1))).to.match(/Impossible/)
    expect(log.records).to.have.length(2)
  })

  it('a record counts only once it was written down, and one whose writing failed goes before any other', async () => {
    const written: Uint8Array[] = []
    const tried: Uint8Array[] = []
    let isBroken = false
    const log: Log = new DecidedLog({
      rules: wordRules,
      crypto,
      beforeDecide: async record => {
        expect(log.all()).to.not.deep.include(record)
        tried.push(record)
        if (isBroken) throw new Error('The disk is full')
        written.push(record)
      }
    })
    await log.append((await genesis()).bytes)
    await log.propose('say', { word: 'a' }, keeper, 1)
    expect(written).to.have.length(1)
    isBroken = true
    expect(await rejection(log.propose('say', { word: 'b' }, keeper, 1))).to.match(/written down/)
    isBroken = false
    expect(log.state).to.deep.equal(['a'])
    // It may be on the disk: the very same record goes first
    const unwritten = tried.at(-1)!
    await log.propose('say', { word: 'c' }, keeper, 1)
    expect(written.slice(1, 2)).to.deep.equal([unwritten])
    expect(log.state).to.deep.equal(['a', 'b', 'c'])
    expect(log.proof).to.equal(undefined)
    expect(await log.recover()).to.equal(undefined)
  })

  it('two records of one keeper in one place freeze the log before them, with a proof that convinces a stranger', async () => {
    const first = await genesis()
    const a = await say(first, 'a')
    const [b, c] = [await say(a, 'b'), await say(a, 'c')]
    const log = await logOf(first, a, b)
    const result = await log.append(c.bytes)
    expect(result.outcome).to.equal('frozen')
    expect(result).to.have.property('dropped').with.length(1)
    expect(log.head).to.deep.equal(headOf(a))
    expect(new Set(log.proof)).to.deep.equal(new Set([b.bytes, c.bytes]))
    expect(await isForkProof(log.proof!, logId, crypto)).to.equal(true)
    expect(await isForkProof([a.bytes, b.bytes], logId, crypto)).to.equal(false)
    expect(await isForkProof([b.bytes, b.bytes], logId, crypto)).to.equal(false)
    expect(await isForkProof(log.proof!, new Uint8Array(32), crypto)).to.equal(false)
    expect(await rejection(log.propose('say', { word: 'd' }, keeper, 1))).to.match(/frozen/)
  })

  it('a take-over thaws a frozen log and goes on from where it was sound', async () => {
    const first = await genesis()
    const log = await logOf(first)
    await log.append((await say(first, 'b')).bytes)
    await log.append((await say(first, 'c')).bytes)
    await log.takeOver({ keeper: otherKeeper.publicKey, signer: deputy, at: 2 })
    await log.propose('say', { word: 'd' }, otherKeeper, 3)
    expect([log.state, log.proof, log.keeper]).to.deep.equal([['d'], undefined, otherKeeper.publicKey])
  })

  it('a higher term wins over longer lower ones and returns what it dropped', async () => {
    const first = await genesis()
    const a = await say(first, 'a')
    const b = await say(a, 'b')
    const log = await logOf(first, a, b)
    const takeover = await makeRecord({
      parent: first,
      term: 1,
      kind: 'takeover',
      keeper: otherKeeper,
      signer: owner,
      word: ''
    })
    const result = await log.append(takeover.bytes)
    expect(result).to.have.property('dropped').that.has.length(2)
    expect(log.state).to.deep.equal([])
    expect(log.aside().map(({ body }) => body)).to.deep.equal(['a', 'b'])
    expect((await log.append((await say(b, 'c')).bytes)).outcome).to.equal('lost')
  })

  it('stateAt() answers for records of the log only', async () => {
    const first = await genesis()
    const a = await say(first, 'a')
    const b = await say(a, 'b')
    const log = await logOf(first, a, b)
    expect(log.stateAt(headOf(first))).to.deep.equal([])
    expect(log.stateAt(headOf(a))).to.deep.equal(['a'])
    expect(log.stateAt(headOf(b))).to.deep.equal(['a', 'b'])
    expect(log.stateAt(headOf(await say(a, 'c')))).to.equal(undefined)
  })

  it('append() names why it refuses', async () => {
    const first = await genesis()
    const a = await say(first, 'a')
    const b = await say(a, 'b')
    const log = await logOf(first)
    const refusal = async (sketch: Partial<Parameters<typeof makeRecord>[0]>) =>
      reasonOf(
        await log.append(
          (await makeRecord({ parent: first, term: 0, kind: 'say', keeper, signer: keeper, word: 'x', ...sketch }))
            .bytes
        )
      )
    expect(reasonOf(await log.append(b.bytes))).to.equal('Gap')
    expect(await refusal({ keeper: otherKeeper, signer: otherKeeper })).to.equal('NotKeeper')
    expect(await refusal({ kind: 'takeover', term: 1, keeper: otherKeeper, signer: otherKeeper })).to.equal(
      'NotAuthority'
    )
    expect(await refusal({ kind: 'takeover', term: 1, keeper: otherKeeper, signer: keeper })).to.equal('NotAuthority')
    expect(await refusal({ term: 1 })).to.equal('Malformed')
    const skipped = {
      log: logId,
      term: 0,
      seq: 2,
      prev: first.hash,
      keeper: keeper.publicKey,
      at: 0,
      kind: 'say',
      body: {}
    }
    expect(reasonOf(await log.append(await sealRecord(skipped, keeper)))).to.equal('Malformed')
    expect(reasonOf(await log.append(new Uint8Array(10)))).to.equal('Malformed')
    expect(log.records).to.have.length(1)
  })

  it('append() refuses a record of another log and one by a keeper who lost the right', async () => {
    const first = await genesis()
    const log = await logOf(first)
    const elsewhere = { ...first, log: new Uint8Array(32), seq: 1, prev: first.hash, kind: 'say', body: {} }
    const bytes = await sealRecord({ ...elsewhere, keeper: keeper.publicKey }, keeper)
    expect(reasonOf(await log.append(bytes))).to.equal('Malformed')
    await log.takeOver({ keeper: exiled.publicKey, signer: owner, at: 1 })
    expect(await rejection(log.propose('say', { word: 'a' }, exiled, 1))).to.match(/NotKeeper/)
  })

  it('append() takes a record again without harm and refuses one with a bit flipped', async () => {
    const first = await genesis()
    const log = await logOf(first)
    expect((await log.append(first.bytes)).outcome).to.equal('known')
    const { bytes } = await say(first, 'a')
    for (let at = 0; at < bytes.length; at += 7) {
      const flipped = bytes.slice()
      flipped[at]! ^= 1
      expect((await log.append(flipped)).outcome).to.equal('refused')
    }
  })

  it('a keeper that contradicts itself without end fills a bounded space and cannot stop a take-over', async function () {
    this.timeout(60_000)
    const first = await genesis()
    const log = await logOf(first)
    let refused = 0
    for (let n = 0; n < 1100; n++) {
      if (reasonOf(await log.append((await say(first, `${n}`)).bytes)) === 'Full') refused++
    }
    expect(refused).to.be.greaterThan(50)
    await log.takeOver({ keeper: otherKeeper.publicKey, signer: owner, at: 1 })
    expect(log.proof).to.equal(undefined)
  })

  it('openRecord() refuses what no place in any log could make right', async () => {
    const base = {
      log: logId,
      term: 0,
      seq: 1,
      prev: new Uint8Array(32),
      keeper: keeper.publicKey,
      at: 0,
      kind: 'say',
      body: {}
    }
    const wrong = [
      { ...base, seq: 0 },
      { ...base, prev: undefined },
      { ...base, seq: 0, prev: undefined },
      { ...base, kind: 'genesis' },
      { ...base, kind: 'takeover', term: 0, body: { keeper: keeper.publicKey } },
      { ...base, kind: 'takeover', term: 1, body: {} },
      { ...base, kind: 'takeover', term: 1, body: { keeper: otherKeeper.publicKey } },
      { ...base, keeper: otherKeeper.publicKey },
      { ...base, kind: 'x'.repeat(33) },
      { ...base, body: { crit: 1 }, crit: ['tomorrow'] }
    ]
    for (const init of wrong.slice(0, -1)) {
      expect(await rejection(sealRecord(init, keeper).then(bytes => openRecord(bytes, crypto)))).to.not.equal(undefined)
    }
    expect((await openRecord(await sealRecord(base, keeper), crypto)).kind).to.equal('say')
  })
})

async function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return String(error)
  }
}
