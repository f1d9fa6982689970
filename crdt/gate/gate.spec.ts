import { expect } from 'chai'
import fc from 'fast-check'
import * as Y from 'yjs'
import { createDoc, type GateRules, gate } from './index.ts'
import { type Step, Swarm, step } from './swarm.fixture.ts'

const rules = (client: number): GateRules => ({
  client,
  roots: { text: 'text', list: 'array', map: 'map', tree: 'xml' }
})

/** The update of one transaction by `client` on a copy of `base`. */
function edit(client: number, change: (doc: Y.Doc) => void, base?: Y.Doc): Uint8Array {
  const doc = createDoc()
  if (base !== undefined) Y.applyUpdate(doc, Y.encodeStateAsUpdate(base))
  doc.clientID = client
  let update: Uint8Array | undefined
  doc.on('update', bytes => {
    update = bytes
  })
  doc.transact(() => change(doc))
  if (update === undefined) throw new Error('The change changed nothing')
  return update
}

describe('gate', () => {
  it('accepts an honest edit of each kind of type', () => {
    const changes: ((doc: Y.Doc) => void)[] = [
      doc => doc.getText('text').insert(0, 'zürich 🦊', { bold: true }),
      doc => doc.getText('text').insertEmbed(0, { image: 'x' }),
      doc => doc.getArray('list').push([1, -2, 2.5, 1e300, 'a', null, true, new Uint8Array(3), { a: [{}] }]),
      doc => doc.getMap('map').set('k', new Y.Map([['x', new Y.Array()]])),
      doc => {
        const element = new Y.XmlElement('p')
        doc.getXmlFragment('tree').push([element])
        element.setAttribute('class', 'a')
        element.push([new Y.XmlText('hello')])
      }
    ]
    for (const change of changes) expect(gate(createDoc(), edit(7, change), rules(7))).to.deep.equal({ ok: true })
  })

  it('lets into a plain text nothing but text', () => {
    const plain = (update: Uint8Array) => gate(createDoc(), update, { client: 7, roots: { text: 'plain' } })
    expect(plain(edit(7, doc => doc.getText('text').insert(0, 'zürich 🦊')))).to.deep.equal({ ok: true })
    const changes: ((text: Y.Text) => void)[] = [
      text => text.insert(0, 'x', { bold: true }),
      text => text.insertEmbed(0, { image: 'x' }),
      text => text.insertEmbed(0, new Y.Map()),
      text => text.setAttribute('k', 1)
    ]
    for (const change of changes) {
      const verdict = plain(edit(7, doc => change(doc.getText('text'))))
      expect(verdict).to.deep.include({ ok: false, reason: 'content', hold: false })
    }
  })

  it('accepts one transaction that writes, splits, deletes and nests in any order', () => {
    const update = edit(7, doc => {
      const list = doc.getArray('list')
      list.push([1, 2, 3])
      list.insert(1, ['x'])
      list.insert(0, [new Y.Map([['a', new Y.Text('t')]])])
      list.delete(0, 1)
      doc.getText('text').insert(0, 'hello')
      doc.getText('text').insert(2, 'X')
      doc.getText('text').delete(1, 3)
      doc.getMap('map').set('a', 1)
      doc.getMap('map').set('a', 2)
      doc.getMap('map').delete('a')
    })
    expect(gate(createDoc(), update, rules(7))).to.deep.equal({ ok: true })
  })

  it('leaves the document as it was, also one that it refuses', () => {
    const doc = createDoc()
    Y.applyUpdate(
      doc,
      edit(1, author => author.getText('text').insert(0, 'abc'))
    )
    const before = Y.encodeStateAsUpdate(doc)
    gate(
      doc,
      edit(7, author => author.getText('text').insert(1, 'x'), doc),
      rules(7)
    )
    gate(
      doc,
      edit(7, author => author.getArray('other').push([1]), doc),
      rules(7)
    )
    expect(Y.encodeStateAsUpdate(doc)).to.deep.equal(before)
    expect([...doc.share.keys()]).to.deep.equal(['text'])
  })

  it('has the same verdict whatever concurrent entries arrived before', () => {
    const base = createDoc()
    Y.applyUpdate(
      base,
      edit(1, doc => doc.getText('text').insert(0, 'one two'))
    )
    const mine = edit(7, doc => doc.getText('text').insert(3, '!'), base)
    for (const client of [2, 9]) {
      const other = createDoc()
      Y.applyUpdate(other, Y.encodeStateAsUpdate(base))
      Y.applyUpdate(
        other,
        edit(client, doc => doc.getText('text').insert(3, '---'), base)
      )
      Y.applyUpdate(
        other,
        edit(client + 1, doc => doc.getText('text').delete(0, 7), base)
      )
      expect(gate(other, mine, rules(7))).to.deep.equal({ ok: true })
    }
  })

  it('holds an update that builds on what is not here, and takes it once it is', () => {
    const base = createDoc()
    const first = edit(1, doc => doc.getText('text').insert(0, 'one'))
    Y.applyUpdate(base, first)
    for (const change of [
      (doc: Y.Doc) => doc.getText('text').insert(3, '!'),
      (doc: Y.Doc) => doc.getText('text').delete(0, 1)
    ]) {
      const update = edit(7, change, base)
      const early = gate(createDoc(), update, rules(7))
      expect(early).to.include({ ok: false, reason: 'missing', hold: true })
      expect(gate(base, update, rules(7))).to.deep.equal({ ok: true })
    }
  })

  it('holds, and does not refuse, an update whose check takes too many steps', () => {
    const base = createDoc()
    Y.applyUpdate(
      base,
      edit(1, doc => {
        for (let i = 0; i < 3000; i++) doc.getArray('list').push([new Uint8Array(1)])
      })
    )
    // Claims again and again that it was written between the first and the last item
    const doc = createDoc()
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(base))
    doc.clientID = 7
    const first = doc.getArray('list')._start as Y.Item
    let last = first
    while (last.right !== null) last = last.right
    const bytes = [1, ...uint(600), 7, 0]
    for (let i = 0; i < 600; i++) bytes.push(0xc3, 1, 0, 1, ...uint(last.id.clock), 1, 0)
    bytes.push(0)
    expect(gate(base, Uint8Array.from(bytes), rules(7))).to.include({ ok: false, reason: 'overrun', hold: true })
  })

  it('holds an update that Yjs would compare with itself again and again', () => {
    const base = createDoc()
    Y.applyUpdate(
      base,
      edit(1, doc => doc.getArray('list').push(Array.from({ length: 200 }, () => new Uint8Array(1))))
    )
    // Each claims to be the first of the list, before one of 20 items, which are too few to be what is counted
    const bytes = [1, ...uint(5000), 7, 0]
    for (let i = 0; i < 5000; i++) bytes.push(0x48, 1, ...uint(i % 20), 1, 126)
    bytes.push(0)
    expect(gate(base, Uint8Array.from(bytes), rules(7))).to.include({ ok: false, reason: 'overrun', hold: true })
  })

  it('accepts everything that honest clients do, in any order of arrival, and reads the same after a reload', () => {
    const run = fc.array(step, { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(run, (steps: Step[]) => {
        const swarm = new Swarm(3, rules)
        for (const next of steps) swarm.take(next)
        swarm.settle()
        expect(swarm.refused).to.deep.equal([])
        swarm.checkConverged()
      }),
      { numRuns: 80 }
    )
  })
})

function uint(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return bytes
}
