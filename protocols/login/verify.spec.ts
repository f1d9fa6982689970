import { expect } from 'chai'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { decode, type Encodable, encode } from '../../crdt/crypto/index.ts'
import { fixedTwin, otherPhrase, start } from '../../crdt/identity/identity.fixture.ts'
import { at, audience, crypto, listBrowser, Visit } from './login.fixture.ts'
import { maxAnswerLength } from './protocol.ts'
import { createLogin } from './site/index.ts'

const minute = 60_000

/** The parts of an answer, to be put together otherwise. */
function partsOf(answer: string): [number, Uint8Array, Uint8Array[]] {
  return decode(fromString(answer, 'base64url')) as [number, Uint8Array, Uint8Array[]]
}

function join(parts: Encodable): string {
  return bytesToString(encode(parts), 'base64url')
}

describe('a site verifies who has signed in', () => {
  it('by what the device signed, offline, from the twin id alone', async () => {
    const visit = await Visit.begin()
    const seen = await visit.site.verify(await visit.answer(), { nonce: visit.nonce })
    expect(seen).to.deep.include({ name: 'Ann', device: 2, scopes: ['id', 'name'] })
    expect(seen.twin).to.match(/^12D3KooW/)
    expect(seen.records).to.deep.equal(visit.twin.list.since())
  })

  it('once: the same answer again is replayed, also when both come at the same moment', async () => {
    const visit = await Visit.begin()
    const answer = await visit.answer()
    const codes = await Promise.all([visit.codeOf(answer), visit.codeOf(answer)])
    expect(codes.sort()).to.deep.equal(['none', 'replayed'])
    expect(await visit.codeOf(answer)).to.equal('replayed')
    expect(await visit.codeOf(await visit.answer({ name: 'Bo' }))).to.equal('replayed')
  })

  it('at this site: what was made for another is for the wrong audience', async () => {
    const [visit, evil] = [
      await Visit.begin(),
      await Visit.begin({ audience: 'https://evil.example', returnTo: undefined })
    ]
    expect(await visit.codeOf(await evil.answer())).to.equal('wrong-audience')
    // Evil passes on the number of the honest site, and the visitor allows evil to know them
    const { nonce } = visit.fields()
    expect(await visit.codeOf(await evil.answer({ nonce }))).to.equal('wrong-audience')
    for (const other of [`${audience}:444`, 'http://localhost', `${audience}.`]) {
      expect(await visit.codeOf(await visit.answer({ audience: other })), other).to.equal('wrong-audience')
    }
  })

  it('from the browser that asked: an answer to another visitor is to an unknown request', async () => {
    const visit = await Visit.begin()
    const thief = await visit.another()
    // The visitor answers what the thief has asked, and the thief what the visitor has: each in the wrong browser
    expect(await visit.codeOf(await thief.answer())).to.equal('unknown-request')
    expect(await visit.codeOf(await thief.answer(), thief.nonce)).to.equal('none')
    expect(await visit.codeOf(await visit.answer(), 'AAAA')).to.equal('unknown-request')
    expect(await visit.codeOf(await visit.answer({ nonce: crypto.randomBytes(32) }))).to.equal('unknown-request')
  })

  it('to the very request: one that was altered on the way is unknown, such as to return elsewhere in the site', async () => {
    const visit = await Visit.begin()
    const returning = createLogin({
      audience,
      returnTo: `${audience}/out?to=evil`,
      now: () => at,
      crypto: {
        ...crypto,
        // The same number in a request of the same site, but for where it returns to
        randomBytes: () => visit.fields().nonce
      }
    })
    const altered = await returning.challenge(['id', 'name'])
    const { request } = visit.fields()
    const other = visit.shown(altered.request)
    expect(other.fields().nonce).to.deep.equal(visit.fields().nonce)
    expect(other.fields().request).not.to.deep.equal(request)
    expect(await visit.codeOf(await other.answer())).to.equal('unknown-request')
  })

  it('with no more than was asked, for no longer than was asked', async () => {
    const visit = await Visit.begin({}, ['id'])
    expect(await visit.codeOf(await visit.answer({ scopes: ['id', 'name'] }))).to.equal('unknown-request')
    const { expiresAt } = visit.fields()
    expect(await visit.codeOf(await visit.answer({ name: undefined, expiresAt: expiresAt + 1 }))).to.equal(
      'unknown-request'
    )
    expect(await visit.codeOf(await visit.answer({ name: undefined }))).to.equal('none')
  })

  it('in time: ten minutes after it asked, and not from a clock that is far ahead', async () => {
    const visit = await Visit.begin()
    const answer = await visit.answer()
    expect(await visit.codeOf(await visit.answer({ issuedAt: at + 2 * minute + 1 }))).to.equal('expired')
    expect(await visit.codeOf(await visit.answer({ expiresAt: at }))).to.equal('expired')
    visit.advance(10 * minute)
    expect(await visit.codeOf(answer)).to.equal('expired')
    visit.advance(-1)
    expect(await visit.codeOf(answer)).to.equal('none')
  })

  it('two minutes between the clocks do no harm', async () => {
    const visit = await Visit.begin()
    expect(await visit.codeOf(await visit.answer({ issuedAt: at + 2 * minute }))).to.equal('none')
    const next = await visit.another()
    expect(await next.codeOf(await next.answer({ issuedAt: at - 2 * minute }))).to.equal('none')
  })

  it('unaltered: with any byte of the signed part changed it is refused, and the good one still counts', async () => {
    const visit = await Visit.begin()
    const answer = await visit.answer()
    const [version, envelope, records] = partsOf(answer)
    const codes = new Set<string>()
    for (let index = 0; index < envelope.length; index++) {
      const changed = Uint8Array.from(envelope)
      changed[index]! ^= 1
      codes.add(await visit.codeOf(join([version, changed, records])))
    }
    expect([...codes].sort()).to.deep.equal(['malformed', 'signature'])
    expect(await visit.codeOf(answer)).to.equal('none')
  })

  it('by a listed device: keys that nobody listed, another number, other records are no certificate', async () => {
    const visit = await Visit.begin()
    const { thief, box, list } = visit.twin
    expect(await visit.codeOf(await visit.answer({}, thief))).to.equal('certificate')
    expect(await visit.codeOf(await visit.answer({}, box))).to.equal('certificate')
    expect(await visit.codeOf(await visit.answer({}, undefined, []))).to.equal('certificate')
    // Without the record that lists it
    const [first] = list.since()
    expect(await visit.codeOf(await visit.answer({}, undefined, [first!]))).to.equal('certificate')
    expect(await visit.codeOf(await visit.answer({ device: 3 }, box))).to.equal('none')
  })

  it('of that twin: a device of another one signs for nobody else', async () => {
    const visit = await Visit.begin()
    const other = await fixedTwin(crypto, otherPhrase)
    const claim = { device: 1 }
    expect(await visit.codeOf(await visit.answer(claim, other.first, other.list.since()))).to.equal('certificate')
    const both = [...visit.twin.list.since(), ...other.list.since()]
    expect(await visit.codeOf(await visit.answer(claim, other.first, both))).to.equal('certificate')
    const own = await visit.answer({ ...claim, twin: other.twin }, other.first, other.list.since())
    expect(await visit.codeOf(own)).to.equal('none')
  })

  it('not by a device that was revoked, by the records that came or by newer ones that the site has', async () => {
    const visit = await Visit.begin()
    const before = visit.twin.list.since()
    await visit.twin.list.revoke(2, [], visit.twin.first.signing, at)
    const after = visit.twin.list.since()
    expect(await visit.codeOf(await visit.answer({}, undefined, after))).to.equal('revoked')
    // With older records it would pass, but for what the site was told by another device since
    const wary = await Visit.begin({ newerList: () => after })
    expect(await wary.codeOf(await wary.answer({}, undefined, before))).to.equal('revoked')
    const onSight = await Visit.begin()
    await onSight.twin.list.revokeOnSight(2, onSight.twin.box.signing, at)
    expect(await onSight.codeOf(await onSight.answer())).to.equal('revoked')
  })

  it('not by a device that may only look, nor with a certificate that ran out', async () => {
    const visit = await Visit.begin()
    const viewer = await listBrowser(visit.twin, { scopes: ['level.view', `paired.${start}.1`] })
    expect(await visit.codeOf(await visit.answer({ device: 4 }, viewer))).to.equal('certificate')
    const other = await Visit.begin()
    const late = await listBrowser(other.twin, { expires: at - 11 * minute })
    expect(await other.codeOf(await other.answer({ device: 4 }, late))).to.equal('certificate')
  })

  it('not while the device list contradicts itself', async () => {
    const visit = await Visit.begin()
    const fork = await Visit.begin()
    await listBrowser(visit.twin)
    await fork.twin.list.revoke(3, [], fork.twin.first.signing, at)
    const records = [...visit.twin.list.since(), ...fork.twin.list.since()]
    expect(await visit.codeOf(await visit.answer({}, undefined, records))).to.equal('certificate')
  })

  it('nothing that is cut short, too long or of another form', async () => {
    const visit = await Visit.begin()
    const answer = await visit.answer()
    const [version, envelope, records] = partsOf(answer)
    for (const form of [
      '',
      'hello',
      `${answer}=`,
      answer.slice(0, -5),
      answer.slice(0, 40),
      'A'.repeat(maxAnswerLength + 1),
      join([2, envelope, records]),
      join([version, envelope]),
      join([version, envelope, Array(513).fill(Uint8Array.of(1))]),
      join([version, records[0]!, records]),
      await visit.answer({ name: 'A\nnn' }),
      await visit.answer({ name: '\u200b' }),
      await visit.answer({ scopes: ['id'] }),
      await visit.answer({ scopes: ['name'] })
    ]) {
      expect(await visit.codeOf(form), form.slice(0, 60)).to.equal('malformed')
    }
    expect(await visit.codeOf(answer)).to.equal('none')
  })

  it('says at once when it is set up wrongly', () => {
    for (const audience of [
      'library.example',
      'https://library.example/',
      'http://library.example',
      'ftp://a.example'
    ]) {
      expect(() => createLogin({ audience }), audience).to.throw(TypeError)
    }
    expect(() => createLogin({ audience, returnTo: 'https://evil.example/' })).to.throw(/another site/)
    expect(() => createLogin({ audience: 'http://127.0.0.1:8080' })).not.to.throw()
  })
})
