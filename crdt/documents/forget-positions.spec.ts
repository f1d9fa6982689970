import { expect } from 'chai'
import * as Y from 'yjs'
import { reissuer } from './reissue.ts'
import { takeBack } from './take-back.ts'

/** A text in which Yjs has remembered a position near the end. */
function typed(words: string): Y.Doc {
  const doc = new Y.Doc()
  doc.clientID = 1
  const root = doc.getText('text')
  for (const word of words.split(' ')) root.insert(root.length, word)
  const other = new Y.Doc()
  other.clientID = 2
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  const text = other.getText('text')
  // Once typed, an item between two others is found by its remembered place
  text.insert(6, '-')
  return other
}

describe('what is typed next', () => {
  it('goes where it was typed, after edits were written again before it', () => {
    const doc = typed('abc def ghi')
    const from = new Y.Doc()
    from.clientID = 3
    Y.applyUpdate(from, Y.encodeStateAsUpdate(doc))
    const shared = Y.decodeStateVector(Y.encodeStateVector(doc))
    from.getText('text').insert(0, '>>>')
    const edit = reissuer({ from, shared })(Y.encodeStateAsUpdate(from, Y.encodeStateVector(doc)))
    doc.transact(transaction => edit(transaction))
    const text = doc.getText('text')
    expect(text.toString()).to.equal('>>>abcdef-ghi')
    text.insert(10, '!')
    expect(text.toString()).to.equal('>>>abcdef-!ghi')
  })

  it('goes where it was typed, after a refused edit before it was taken back', () => {
    const doc = typed('abc def ghi')
    const text = doc.getText('text')
    let undo = (): void => {}
    doc.once('afterTransaction', transaction => {
      undo = takeBack(transaction)
    })
    text.delete(0, 3)
    text.insert(3, '+')
    undo()
    const before = text.toString()
    expect(before).to.equal('abcdef+-ghi')
    const at = before.indexOf('g')
    text.insert(at, '!')
    expect(text.toString()).to.equal(`${before.slice(0, at)}!${before.slice(at)}`)
  })
})
