import { expect } from 'chai'
import { mergeTexts } from './merge-texts.ts'

describe('mergeTexts()', () => {
  it('keeps what both wrote from one text on', () => {
    expect(mergeTexts('# List\n- hat', '# List\n- hat\n- map', 'My # List\n- hat')).equal('My # List\n- hat\n- map')
    expect(mergeTexts('one two', 'one', 'one two three')).equal('one three')
  })

  it('is the text of whoever wrote when the other did not', () => {
    expect(mergeTexts('a', 'ab', 'a')).equal('ab')
    expect(mergeTexts('a', 'a', '')).equal('')
  })

  it('puts nothing there twice where the last edits were stored and nobody could say so', () => {
    expect(mergeTexts('say: !', 'say: hello!', 'say: hello!')).equal('say: hello!')
    expect(mergeTexts('say: !', 'say: hello!', 'say: hel!')).equal('say: hello!')
    // Somebody else wrote something of their own there
    expect([...mergeTexts('say: !', 'say: hello!', 'say: yes!')].sort().join('')).equal(
      [...'say: helloyes!'].sort().join('')
    )
  })

  it('tears no letter that is two units apart', () => {
    const merged = mergeTexts('🙂', '🙃', '🙂 and 🙂')
    expect(merged).include('🙃').and.include(' and 🙂')
    expect(merged.isWellFormed()).equal(true)
  })
})
