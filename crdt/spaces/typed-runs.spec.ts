import { expect } from 'chai'
import fc from 'fast-check'
import * as Y from 'yjs'
import { placeTypedRun, readTypedRuns, type TypedRun, typedRuns } from './typed-runs.ts'

function docOf(client: number): { doc: Y.Doc; text: Y.Text } {
  const doc = new Y.Doc()
  doc.clientID = client
  return { doc, text: doc.getText('t') }
}

/** A text with runs in it, as an editor shows it. */
function shown(text: Y.Text, client: number, runs: readonly TypedRun[]): string {
  return runs.reduce((all, run) => {
    const placed = placeTypedRun(text, client, run)
    return placed === undefined ? all : all.slice(0, placed.index) + placed.text + all.slice(placed.index)
  }, text.toString())
}

describe('what is being typed', () => {
  it('shows as the text of whoever types, at every place and however much of it has arrived', () => {
    const typing = fc.record({
      before: fc.string({ maxLength: 8 }),
      at: fc.nat(),
      letters: fc.string({ minLength: 1, maxLength: 12 }),
      erased: fc.nat({ max: 4 }),
      arrived: fc.nat()
    })
    fc.assert(
      fc.property(typing, ({ before, at, letters, erased, arrived }) => {
        const [author, reader] = [docOf(7), docOf(9)]
        reader.text.insert(0, before)
        Y.applyUpdate(author.doc, Y.encodeStateAsUpdate(reader.doc))
        // What can be undone is kept, deleted or not
        const undo = new Y.UndoManager(author.text)
        const since = Y.getState(author.doc.store, 7)
        let place = at % (before.length + 1)
        const updates: Uint8Array[] = []
        author.doc.on('update', update => updates.push(update))
        for (const letter of letters) {
          author.text.insert(place, letter)
          place += letter.length
        }
        const left = Math.max(1, updates.length - erased)
        for (let count = updates.length; count > left; count--) author.text.delete(--place, 1)
        const runs = readTypedRuns(JSON.parse(JSON.stringify(typedRuns(author.text, 7, since))))
        // What was deleted is told by its entry only
        for (const update of updates.slice(0, arrived % (left + 1))) Y.applyUpdate(reader.doc, update)
        expect(shown(reader.text, 7, runs)).to.equal(author.text.toString())
        undo.destroy()
        for (const update of updates) Y.applyUpdate(reader.doc, update)
        expect(shown(reader.text, 7, runs)).to.equal(author.text.toString())
      })
    )
  })

  it('is nothing where it is more than is shown, and nothing of what was there before', () => {
    const { text } = docOf(7)
    text.insert(0, 'x'.repeat(300))
    expect(typedRuns(text, 7, 0)).to.deep.equal([])
    expect(typedRuns(text, 7, 300)).to.deep.equal([])
    expect(typedRuns(text, 7, 298)).to.deep.equal([{ clock: 298, after: { client: 7, clock: 297 }, text: 'xx' }])
    for (let run = 0; run < 9; run++) text.insert(run * 2, 'y')
    expect(typedRuns(text, 7, 300)).to.deep.equal([])
  })

  it('stands nowhere while what it was written behind is not there', () => {
    const { text } = docOf(9)
    expect(placeTypedRun(text, 7, { clock: 3, after: { client: 8, clock: 0 }, text: 'x' })).to.equal(undefined)
    text.doc!.getText('other').insert(0, 'a')
    expect(placeTypedRun(text, 7, { clock: 3, after: { client: 9, clock: 0 }, text: 'x' })).to.equal(undefined)
  })

  it('stands nowhere where more than is shown would have to arrive before it', () => {
    const { text } = docOf(9)
    text.insert(0, 'a')
    const run = (clock: number) => placeTypedRun(text, 7, { clock, after: { client: 9, clock: 0 }, text: 'x' })
    expect(run(256)).to.deep.equal({ index: 1, text: 'x' })
    expect([run(257), run(2 ** 50)]).to.deep.equal([undefined, undefined])
  })

  it('is taken from nobody who says anything else, or too much', () => {
    const run = { clock: 1, after: null, text: 'a' }
    expect(readTypedRuns([{ ...run, more: 1 }])).to.deep.equal([run])
    const others: unknown[] = [
      undefined,
      null,
      'a',
      { 0: run, length: 1 },
      [null],
      [run, 'b'],
      [{ ...run, clock: -1 }],
      [{ ...run, clock: 0.5 }],
      [{ ...run, text: 5 }],
      [{ ...run, after: 'x' }],
      [{ ...run, after: { client: 1 } }],
      [{ ...run, after: { client: 1, clock: Number.NaN } }],
      [{ clock: 1, text: 'a' }],
      [{ ...run, text: 'x'.repeat(257) }],
      new Array(9).fill(run)
    ]
    for (const other of others) expect(readTypedRuns(other)).to.deep.equal([])
  })
})
