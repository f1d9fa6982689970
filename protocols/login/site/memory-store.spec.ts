import { expect } from 'chai'
import type { OpenChallenge } from './create-login.ts'
import { MemoryStore } from './memory-store.ts'

const challenge = (nonce: string, expiresAt: number): OpenChallenge => {
  return { nonce, request: 'hash', scopes: ['id'], expiresAt }
}

describe('challenges in memory', () => {
  it('are used once, each by itself', () => {
    const store = new MemoryStore(() => 0)
    store.open(challenge('a', 10))
    store.open(challenge('b', 10))
    expect([store.use('a'), store.use('a'), store.use('b'), store.use('c')]).to.deep.equal([true, false, true, false])
    // Still known, so that a second answer is told from one that was never asked for
    expect(store.read('a')).to.deep.equal(challenge('a', 10))
  })

  it('are forgotten once they are over, and what is forgotten cannot be used', () => {
    let now = 0
    const store = new MemoryStore(() => now)
    store.open(challenge('a', 10))
    now = 10
    store.open(challenge('b', 20))
    expect(store.read('a')).to.equal(undefined)
    expect(store.use('a')).to.equal(false)
    expect(store.use('b')).to.equal(true)
  })

  it('are at most a hundred thousand: whoever asks for more pushes out the oldest', () => {
    const store = new MemoryStore(() => 0)
    for (let number = 0; number <= 100_000; number++) store.open(challenge(String(number), 10))
    expect(store.read('0')).to.equal(undefined)
    expect([store.use('1'), store.use('100000')]).to.deep.equal([true, true])
  })
})
