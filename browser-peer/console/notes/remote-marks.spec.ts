import { ChangeSet } from '@codemirror/state'
import { expect } from 'chai'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { RemoteMarks } from './remote-marks.ts'
import { Caret } from './remote-widgets.ts'

/** Each has a timer */
const opened: Awareness[] = []

/** A note of ten letters, and whose places are looked up in it. */
function note() {
  const doc = new Y.Doc()
  const text = doc.getText('t')
  text.insert(0, '0123456789')
  const awareness = new Awareness(new Y.Doc())
  opened.push(awareness)
  awareness.setLocalState(null)
  const asked: number[] = []
  const typed = new Map<number, { index: number; text: string }[]>()
  const marks = new RemoteMarks(text, awareness, client => {
    asked.push(client)
    return typed.get(client) ?? []
  })
  const enter = (client: number, index: number, typed: unknown[] = []) => {
    const at = Y.createRelativePositionFromTypeIndex(text, index)
    awareness.states.set(client, { user: { name: `${client}` }, cursor: { anchor: at, head: at }, typed })
    marks.changed([client])
  }
  const places = () => {
    const found: number[] = []
    for (const range = marks.drawn.iter(); range.value !== null; range.next()) found.push(range.from)
    return found
  }
  const carets = () => {
    const found: string[] = []
    for (const range = marks.drawn.iter(); range.value !== null; range.next()) {
      const { widget } = range.value.spec as { widget: unknown }
      if (widget instanceof Caret) found.push(widget.typed)
    }
    return found
  }
  return { awareness, marks, asked, typed, enter, places, carets }
}

const twin = (number: number, device = 1) => number * 2 ** 16 + device

describe('cursors of others', () => {
  afterEach(() => {
    for (const awareness of opened.splice(0)) awareness.destroy()
  })

  it('are looked up where their device told something new, and move with what is typed here', () => {
    const { marks, asked, enter, places } = note()
    for (const [client, index] of [
      [1, 2],
      [2, 5],
      [3, 8]
    ] as const)
      enter(twin(client), index)
    marks.draw(10)
    expect([places(), asked.splice(0)]).deep.equal([
      [2, 5, 8],
      [twin(1), twin(2), twin(3)]
    ])
    expect(marks.edited(ChangeSet.of({ from: 3, insert: 'abc' }, 10), true)).equal(false)
    expect([places(), asked]).deep.equal([[2, 8, 11], []])
    enter(twin(2), 6)
    marks.draw(10)
    expect([places(), asked.splice(0)]).deep.equal([[2, 6, 11], [twin(2)]])
    // A cursor in what was deleted is looked up
    expect(marks.edited(ChangeSet.of({ from: 1, to: 3 }, 13), true)).equal(true)
    marks.draw(10)
    expect(asked).deep.equal([twin(1)])
  })

  it('are looked up with what they type when something arrives, and nobody else', () => {
    const { marks, asked, typed, enter, places } = note()
    enter(twin(1), 2, [{}])
    enter(twin(2), 5)
    typed.set(twin(1), [{ index: 7, text: 'x' }])
    marks.draw(10)
    expect(places()).deep.equal([2, 5, 7])
    typed.clear()
    asked.length = 0
    expect(marks.edited(ChangeSet.of({ from: 7, insert: 'x' }, 10), false)).equal(true)
    marks.draw(11)
    expect([places().length, asked]).deep.equal([2, [twin(1)]])
  })

  it('show what is typed at them without anything being drawn anew, until it arrives', () => {
    const { marks, typed, enter, carets } = note()
    enter(twin(1), 2)
    marks.draw(10)
    const say = (text: string, index = 2, at = 2) => {
      typed.set(twin(1), [{ index, text }])
      enter(twin(1), at, [{}])
      return marks.retype(10)
    }
    expect([say('x'), carets()]).deep.equal([true, ['x']])
    expect([say('xy'), carets()]).deep.equal([true, ['xy']])
    // Elsewhere, or with a cursor that has moved, all of it is looked up
    expect(say('xy', 4)).equal(false)
    marks.draw(10)
    expect([say('xyz'), carets()]).deep.equal([false, ['']])
    marks.draw(10)
    expect(carets()).deep.equal(['xyz'])
    expect(say('xyz', 3, 3)).equal(false)
    marks.draw(10)
    typed.clear()
    expect(marks.edited(ChangeSet.of({ from: 3, insert: 'xyz' }, 10), false)).equal(true)
    marks.draw(13)
    expect(carets()).deep.equal([''])
  })

  it('are two of one twin, sixteen of all, and make room for others when they leave', () => {
    const { awareness, marks, enter, asked, places } = note()
    for (let device = 1; device <= 1024; device++) enter(twin(1, device), 1)
    marks.draw(10)
    expect([places().length, asked.splice(0).length]).deep.equal([2, 2])
    for (let number = 2; number <= 40; number++) enter(twin(number), 3)
    marks.draw(10)
    expect([places().length, asked.splice(0).length]).deep.equal([16, 14])
    awareness.states.delete(twin(1, 1))
    awareness.states.delete(twin(2))
    marks.changed([twin(1, 1), twin(2)])
    marks.draw(10)
    expect([places().length, asked]).deep.equal([16, [twin(1, 3), twin(16)]])
  })
})
