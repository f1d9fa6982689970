import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { webCrypto } from '../crypto/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { otherPhrase, phrase } from './identity.fixture.ts'
import { checkPhrase, newPhrase, PhraseError, phraseToKeys } from './phrase.ts'
import { textToTwin, twinToText } from './twin-id.ts'
import { verificationCode } from './verification-code.ts'

const crypto = nodeCrypto()

describe('phrase', () => {
  it('gives the frozen twin id and keys of every path', async () => {
    const made = [phrase, otherPhrase].map(words => {
      const { twin, owner, recovery, next } = phraseToKeys(words, crypto)
      return { phrase: words, twinId: twinToText(twin), owner: owner.secret, recovery: recovery.publicKey, next }
    })
    const { frozen: expected, current } = await frozen('phrase', made)
    expect(current).to.deep.equal(expected)
  })

  it('gives the same keys on WebCrypto', () => {
    const [one, other] = [phraseToKeys(phrase, crypto), phraseToKeys(phrase, webCrypto())]
    expect([one.twin, one.next, one.recovery.publicKey]).to.deep.equal([
      other.twin,
      other.next,
      other.recovery.publicKey
    ])
  })

  it('gives a twin id that libp2p calls the peer id of the owner key', async () => {
    const { owner, twin } = phraseToKeys(phrase, crypto)
    const peer = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', owner.secret)).toString()
    expect(twinToText(twin)).to.equal(peer)
    expect(textToTwin(peer)).to.deep.equal(twin)
  })

  it('newPhrase() makes 24 words that are good and never the same', () => {
    const [one, other] = [newPhrase(crypto), newPhrase(crypto)]
    expect(checkPhrase(one).split(' ')).to.have.length(24)
    expect(one).to.not.equal(other)
  })

  it('does not mind case and white space', () => {
    expect(checkPhrase(`\n ${phrase.toUpperCase().replaceAll(' ', '\t  ')} `)).to.equal(phrase)
  })

  const wrong: [string, string, PhraseError['code'], RegExp][] = [
    ['too few words', 'abandon art', 'WordCount', /24 words, found 2/],
    ['a word that is not in the list', phrase.replace('art', 'arrt'), 'UnknownWord', /Word 24/],
    ['words that do not belong together', phrase.replace('art', 'zoo'), 'Checksum', /do not belong together/]
  ]
  for (const [what, words, code, message] of wrong) {
    it(`refuses ${what} and says which without repeating it`, () => {
      expect(() => phraseToKeys(words, crypto))
        .to.throw(PhraseError, message)
        .with.property('code', code)
      expect(() => phraseToKeys(words, crypto)).to.not.throw(/arrt|abandon/)
    })
  }
})

describe('twin id', () => {
  it('textToTwin() refuses what is not the peer id of an Ed25519 key', () => {
    const good = twinToText(phraseToKeys(phrase, crypto).twin)
    const wrong = [
      '',
      'john',
      good.slice(0, -1),
      `${good}1`,
      `1${good}`,
      good.replace('K', '0'),
      good.toLowerCase(),
      ` ${good}`,
      'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
      '1'.repeat(10_000)
    ]
    for (const text of wrong) expect(() => textToTwin(text), text).to.throw(TypeError, /twin id/)
  })

  it('twinToText() refuses a key of another length', () => {
    expect(() => twinToText(new Uint8Array(31))).to.throw(RangeError)
  })
})

describe('verification code', () => {
  const [john, marie] = [phraseToKeys(phrase, crypto).twin, phraseToKeys(otherPhrase, crypto).twin]

  it('is the same for both, and frozen', async () => {
    expect(verificationCode(john, marie)).to.equal(verificationCode(marie, john))
    const { frozen: expected, current } = await frozen('verification-code', {
      john,
      marie,
      code: verificationCode(john, marie)
    })
    expect(current).to.deep.equal(expected)
  })

  it('is 12 groups of 5 digits and another one for anybody else', () => {
    expect(verificationCode(john, marie)).to.match(/^\d{5}( \d{5}){11}$/)
    const mallory = john.slice()
    mallory[31]! ^= 1
    expect(verificationCode(mallory, marie)).to.not.equal(verificationCode(john, marie))
  })
})
