import { expect } from 'chai'
import { give, openTwins, sharedSpace, type TestReplica } from './replicas.fixture.ts'
import type { Space } from './space.ts'

const paper = 'text/paper'
const write = (space: Space, value: string) => space.write(paper, doc => doc.getText('text').insert(0, value))

describe('an update on which Yjs throws though the gate let it through', () => {
  it('leaves no trace, and answers its sender: the document is built from the log again, without it, and goes on', async () => {
    const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace([one, other])) as [Space, Space]
    await write(here, 'a')
    await give(one, other)
    const doc = await there.doc(paper)
    const fence = new Promise<boolean>(resolve => there.on('fence', () => resolve(true)))
    doc.on('afterTransaction', () => {
      // After the update changed the document, as a fault inside Yjs would
      throw new Error('a fault')
    })
    await write(here, 'poison ')
    await give(one, other)
    expect(await fence).to.equal(true)
    const again = await there.doc(paper)
    expect(again).not.to.equal(doc)
    expect(again.getText('text').toString()).to.equal('a')
    await give(one, other)
    expect(again.getText('text').toString()).to.equal('a')
    expect(there.review().logs.map(({ rejected }) => rejected)).to.deep.equal([1])
    await write(there, 'b')
    expect(again.getText('text').toString()).to.equal('ba')
  })
})
