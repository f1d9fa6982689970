import { expect } from 'chai'
import { shownLetters } from './shown-letters.ts'

describe('letters beside the text', () => {
  it('push no line down, turn nothing around and hide nothing', () => {
    expect(shownLetters('a\nb\r\nc\u2028d')).equal('a↵b↵c↵d')
    expect(shownLetters('\u202eDE00\u2066 \u200bEVIL\u0007')).equal('DE00 EVIL')
    expect(shownLetters('wörter,\tשלום 漢字 👋')).equal('wörter, שלום 漢字 👋')
  })
})
