import { expect } from 'chai'
import { encode } from '../../crdt/crypto/index.ts'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { threeDevices } from '../../crdt/identity/identity.fixture.ts'
import { openAnswer, sealAnswer } from './answer.ts'
import { at, audience, crypto } from './login.fixture.ts'
import { type LoginRequest, loginRequestToText, textToLoginRequest } from './request.ts'
import { signInToBytes } from './sign-ins.ts'

const folder = 'protocols/login/vectors'
const request: LoginRequest = {
  audience,
  nonce: Uint8Array.from({ length: 16 }, (_, index) => index),
  scopes: ['id', 'name'],
  expiresAt: at + 600_000,
  returnTo: `${audience}/signed-in?next=%2Fshelf`
}

function withFields(fields: readonly unknown[]): string {
  // Whatever a test wants to have encoded
  return `login/${Buffer.from(encode(fields as Parameters<typeof encode>[0])).toString('base64url')}`
}

function codeOf(text: string, now = at): string {
  try {
    textToLoginRequest(text, crypto, now)
    return 'none'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('request of a site', () => {
  it('has the frozen form and hash, and reads back from it', async () => {
    const text = loginRequestToText(request)
    const { hash } = textToLoginRequest(text, crypto, at)
    const vector = await frozen('request-1', { text, hash }, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const { text: kept } = vector.frozen as { text: string }
    for (const form of [kept, `web+twin:${kept}`, ` http://127.0.0.1:4180/#${kept}\n`, `#${kept}`]) {
      expect(textToLoginRequest(form, crypto, at), form).to.deep.equal({ ...request, hash })
    }
  })

  it('names one site, over TLS or on this machine, and returns within it', () => {
    const { nonce, scopes, expiresAt, returnTo } = request
    const of = (origin: string, back = `${origin}/`) => codeOf(withFields([1, origin, nonce, scopes, expiresAt, back]))
    for (const good of [audience, 'https://library.example:8443', 'http://localhost:8080', 'http://[::1]']) {
      expect(of(good), good).to.equal('none')
    }
    for (const bad of [
      'http://library.example',
      'https://library.example/',
      'https://LIBRARY.example',
      'https://ann@library.example',
      'https://bücher.example',
      'https://library.example:443',
      'javascript:alert(1)',
      'null',
      'http://localhost.evil.example'
    ]) {
      expect(of(bad, returnTo), bad).to.equal('malformed')
      expect(of(bad), bad).to.equal('malformed')
    }
    for (const back of [
      'https://evil.example/',
      `${audience}.evil.example/`,
      `${audience}@evil.example/`,
      `https://a@library.example/`,
      `${audience}:8443/`,
      'http://library.example/',
      `blob:${audience}/5`,
      'javascript:alert(1)',
      `${audience}/#fragment`,
      `${audience}/a/../b`,
      `${audience}/a b`,
      audience,
      '/signed-in'
    ]) {
      expect(of(audience, back), back).to.equal('malformed')
    }
  })

  it('that is damaged, too long or asks for what is not known is malformed', () => {
    const { nonce, scopes, expiresAt, returnTo } = request
    const whole = loginRequestToText(request)
    for (const text of [
      '',
      'login/',
      whole.slice(0, -3),
      whole.replace('login/', 'pair/'),
      `evil:${whole}`,
      `login/${'A'.repeat(9000)}`,
      withFields([2, audience, nonce, scopes, expiresAt, returnTo]),
      withFields([1, audience, nonce.slice(1), scopes, expiresAt, returnTo]),
      withFields([1, audience, new Uint8Array(33), scopes, expiresAt, returnTo]),
      withFields([1, audience, nonce, [], expiresAt, returnTo]),
      withFields([1, audience, nonce, ['name'], expiresAt, returnTo]),
      withFields([1, audience, nonce, ['id', 'id'], expiresAt, returnTo]),
      withFields([1, audience, nonce, ['id', 'contacts'], expiresAt, returnTo]),
      withFields([1, audience, nonce, scopes, expiresAt, `${audience}/${'a'.repeat(1024)}`]),
      withFields([1, audience, nonce, scopes, at + 13 * 60_000, returnTo])
    ]) {
      expect(codeOf(text), text).to.equal('malformed')
    }
  })

  it('is over two minutes after its time, by a clock that may be that far off', () => {
    const text = loginRequestToText(request)
    expect(codeOf(text, request.expiresAt + 2 * 60_000 - 1)).to.equal('none')
    expect(codeOf(text, request.expiresAt + 2 * 60_000)).to.equal('expired')
  })
})

describe('answer to a site', () => {
  it('has the frozen bytes, and opens from them', async () => {
    const { twin, phone, list } = await threeDevices(crypto)
    const { hash } = textToLoginRequest(loginRequestToText(request), crypto, at)
    const { nonce, scopes, expiresAt } = request
    const answer = { request: hash, audience, nonce, twin, device: 2, scopes, name: 'Zoë', issuedAt: at, expiresAt }
    const text = await sealAnswer(answer, phone.signing, list.since())
    const vector = await frozen('answer-1', { text }, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const opened = await openAnswer((vector.frozen as { text: string }).text, crypto)
    expect(opened).to.deep.equal({ ...answer, signer: phone.signing.publicKey, records: list.since() })
  })

  it('is refused when the device list is too long for an address', async () => {
    const { twin, phone } = await threeDevices(crypto)
    const { hash } = textToLoginRequest(loginRequestToText(request), crypto, at)
    const { nonce, scopes, expiresAt } = request
    const answer = { request: hash, audience, nonce, twin, device: 2, scopes, issuedAt: at, expiresAt }
    const long = await sealAnswer(answer, phone.signing, [new Uint8Array(140_000)]).catch(error => error)
    expect(long).to.be.instanceOf(RangeError)
  })
})

describe('sign-ins that are kept', () => {
  it('have the frozen bytes', async () => {
    const value = signInToBytes({ firstAt: at, lastAt: at + 1, count: 2, scopes: ['id', 'name'] })
    const vector = await frozen('sign-in-1', { key: `2 ${audience}`, value }, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
  })
})
