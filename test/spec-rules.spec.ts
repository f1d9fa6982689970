import { expect } from 'chai'
import { findMuteTests, findTimedWaits } from './spec-rules.ts'

describe('findTimedWaits()', () => {
  const linesOf = (text: string) => findTimedWaits('sample.ts', text)

  it('finds a promise that a timer with a delay resolves, in whatever form', () => {
    expect(linesOf('\nawait new Promise(resolve => setTimeout(resolve, 50))')).deep.equal([2])
    expect(linesOf('await new Promise<void>(done => { setTimeout(() => done(), delayMs) })')).deep.equal([1])
  })

  it('lets turns of the event loop and timers of the code under test be', () => {
    expect(linesOf('await new Promise(resolve => setTimeout(resolve))')).deep.equal([])
    expect(linesOf('await new Promise(resolve => setTimeout(resolve, 0))')).deep.equal([])
    expect(linesOf('const timer = setTimeout(() => end(), 100)')).deep.equal([])
  })
})

describe('findMuteTests()', () => {
  const muteOf = (text: string) => findMuteTests('sample.ts', text).mute

  it('finds a test that asserts nothing beside one that does', () => {
    const text = "it('a', () => { expect(1).equal(1) })\nit('b', () => { expected.push(1) })"
    expect(findMuteTests('sample.ts', text)).deep.equal({ count: 2, mute: ['sample.ts:2'] })
  })

  it('takes assert, a property and a helper whose name begins with expect for an assertion', () => {
    expect(muteOf("it('a', () => { fc.assert(fc.property()) })")).deep.equal([])
    expect(muteOf("it('a', async () => { await expectFound(twin) })")).deep.equal([])
    expect(muteOf("it('a', async () => { await world.expectLevel(2) })")).deep.equal([])
    expect(muteOf("it('a', () => { for (const x of list) expect(x).to.be.a('string') })")).deep.equal([])
  })

  it('does not count what stands beside the test', () => {
    expect(muteOf("describe('d', () => { expect(1).equal(1); it('a', () => {}) })")).deep.equal(['sample.ts:1'])
  })
})
