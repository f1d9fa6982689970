import { expect } from 'chai'
import * as Y from 'yjs'
import { level, tieTexts } from './tie-texts.ts'

function twoTexts(words: string) {
  const texts = [new Y.Doc(), new Y.Doc()].map(doc => doc.getText('t'))
  for (const text of texts) text.insert(0, words)
  return texts as [Y.Text, Y.Text]
}

describe('tied texts', () => {
  it('read the same after every edit of either, whatever it is', () => {
    const [one, other] = twoTexts('abc')
    tieTexts(one, other)
    one.insert(1, '🙂')
    expect(other.toString()).equal('a🙂bc')
    other.doc!.transact(() => {
      other.delete(0, 1)
      other.insert(2, 'x')
      other.insert(other.length, '!')
    })
    expect(one.toString()).equal('🙂xbc!')
    // What somebody else wrote arrives in one update, with edits in several places
    const peer = new Y.Doc()
    Y.applyUpdate(peer, Y.encodeStateAsUpdate(one.doc!))
    peer.transact(() => {
      peer.getText('t').insert(0, 'first ')
      peer.getText('t').insert(peer.getText('t').length, ' last')
    })
    Y.applyUpdate(one.doc!, Y.encodeStateAsUpdate(peer))
    expect(one.toString()).equal('first 🙂xbc! last')
    expect(other.toString()).equal(one.toString())
  })

  it('read the same when an edit is taken back in the turn in which it is told', () => {
    const [one, other] = twoTexts('abc')
    let isTaken = false
    one.observe(() => {
      if (isTaken) return
      isTaken = true
      one.delete(0, 2)
    })
    tieTexts(one, other)
    other.insert(0, '12')
    expect(one.toString()).equal('abc')
    expect(other.toString()).equal('abc')
  })

  it('go their ways once they are untied, and are levelled by the smallest edit', () => {
    const [one, other] = twoTexts('abc')
    tieTexts(one, other)()
    one.insert(3, 'd')
    expect(other.toString()).equal('abc')
    const edits: unknown[] = []
    other.observe(({ delta }) => edits.push(delta))
    level(other, 'abd')
    expect(edits).deep.equal([[{ retain: 2 }, { delete: 1 }, { insert: 'd' }]])
  })
})
