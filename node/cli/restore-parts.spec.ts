import { expect } from 'chai'
import { lostAdvice } from './restore-parts.ts'

describe('what restore says of lost devices', () => {
  it('is the command that ends each, with names that a terminal can take', () => {
    const lines = lostAdvice([
      { number: 1, name: 'home' },
      { number: 300, name: 'old\u001b[31mphone' }
    ])
    expect(lines[1]).equal('  twin devices revoke 1    home')
    expect(lines[2]).match(/^ {2}twin devices revoke 300 {4}old/)
    expect(lines.join()).not.include('\u001b')
  })

  it('is how to find them when none is known yet', () => {
    expect(lostAdvice([]).join(' ')).match(/twin devices .*twin devices revoke NUMBER/)
  })
})
