import { expect } from 'chai'
import { nameOfSpace, readName, toPlainName } from './index.ts'

/** Shown, each of these is nothing, or nothing but a gap */
const blank = [
  '',
  '   ',
  '\u200b\u2060',
  '\u202e',
  '\u3164',
  '\u2800',
  '\u00ad \ufeff',
  '\u0301',
  '\ufe0f',
  '\u{e0041}'
]

describe('names that others gave', () => {
  it('are shown on one line, without what turns text around or hides in it', () => {
    expect(toPlainName('Marie\u200b\u202e\nx')).equal('Mariex')
    expect(toPlainName('Firefox\u202egnp.exe')).equal('Firefoxgnp.exe')
    expect(toPlainName('  Anna \u2003 e\u0301  ')).equal('Anna \u00e9')
    expect(toPlainName('\ud800a')).equal('\ufffda')
  })

  it('are shown as they are in every script, with emoji', () => {
    for (const name of ['Ada Lovelace', 'Ольга', '山田 太郎', 'नेहा', 'علی', '🚀 Crew', '1', '#?']) {
      expect(toPlainName(name)).equal(name.normalize('NFC'))
    }
  })

  it('leave nothing where nothing was to be seen; a space goes by its id then', () => {
    for (const name of blank) {
      expect(toPlainName(name), JSON.stringify(name)).equal('')
      expect(nameOfSpace({ name, text: '0123456789abcdef' })).equal('01234567')
    }
    expect(nameOfSpace({ name: 'Trip\u200b', text: '0123456789abcdef' })).equal('Trip')
  })
})

describe('readName()', () => {
  it('takes a line, and leaves out what nobody sees in it', () => {
    expect(readName(' Marie\u200b\n')).equal('Marie')
    expect(readName('👩\u200d🚀')).equal('👩🚀')
  })

  it('takes no second line, no control character and nothing of which nothing is seen', () => {
    for (const name of [...blank, 'a\nb', 'a\u0000b', 'a\u2028b', '\ud800']) {
      expect(readName(name), JSON.stringify(name)).equal(undefined)
    }
  })
})
