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

  it('puts nothing there twice where somebody else wrote meanwhile, in front of it or behind', () => {
    for (const theirs of ['Now say: hello!', 'say: hello! Yes', 'say: well, hello!', 'say: hello, you!']) {
      expect(mergeTexts('say: !', 'say: hello!', theirs)).equal(theirs)
    }
  })

  it('loses nothing that only looks as if it stood there', () => {
    expect(mergeTexts('see', 'seeeee', 'I see')).equal('I seeeee')
    for (const [base, mine, theirs, both] of [
      ['a. b', 'a. bb', 'a. b b', 'a. b' + 'b' + ' b'],
      ['one two', 'one two two', 'one two, three', 'one two' + ' two' + ', three']
    ] as const) {
      // Which of the two comes first in one place is not said
      expect([...mergeTexts(base, mine, theirs)].sort().join('')).equal([...both].sort().join(''))
    }
  })

  it('tears no letter that is two units apart', () => {
    const merged = mergeTexts('🙂', '🙃', '🙂 and 🙂')
    expect(merged).include('🙃').and.include(' and 🙂')
    expect(merged.isWellFormed()).equal(true)
  })
})
