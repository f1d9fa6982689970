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
    for (const stored of ['h', 'hel', 'hello']) {
      for (const [front, behind] of [
        ['Now say: ', '!'],
        ['say, I say: ', '!'],
        ['say: ', '! Yes'],
        ['say: ', ' you!']
      ]) {
        expect(mergeTexts('say: !', 'say: hello!', `${front}${stored}${behind}`)).equal(`${front}hello${behind}`)
      }
    }
    expect(mergeTexts('F# sandal', 'F# sandals', 'From# sandals')).equal('From# sandals')
    // It may as well have been typed a letter further
    expect(mergeTexts('you gather', 'you gogather', 'Now you gather')).equal('Now you gogather')
    expect(mergeTexts('you gather', 'you gogather', 'you ggather, too')).equal('you gogather, too')
  })

  it('loses nothing that only looks as if it stood there', () => {
    expect(mergeTexts('see', 'seee', 'I see')).equal('I seee')
    expect(mergeTexts('one two', 'one two two', 'two, one two')).equal('two, one two two')
    // Words that begin alike, where somebody else took others out
    expect(mergeTexts('one two', 'one and two', 'one a tree'))
      .include('and ')
      .and.include('a tree')
  })

  it('tears no letter that is two units apart', () => {
    expect(mergeTexts('', '🙂', '🙃').isWellFormed()).equal(true)
    const merged = mergeTexts('🙂', '🙃', '🙂 and 🙂')
    expect(merged).include('🙃').and.include(' and 🙂')
    expect(merged.isWellFormed()).equal(true)
  })
})
