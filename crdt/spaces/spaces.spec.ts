import { expect } from 'chai'
import { DeviceDirectory } from '../identity/index.ts'
import { keyValue } from '../key-value/index.ts'
import { createSpaces } from './local-spaces.ts'
import {
  crypto,
  exchange,
  give,
  indexRows,
  openTwins,
  readText,
  sharedSpace,
  text,
  textKind
} from './replicas.fixture.ts'

describe('spaces', () => {
  it('make the private space when a twin is new, and find it again', async () => {
    const [twin] = await openTwins(1)
    const { self } = twin!.spaces
    expect(self.kind).to.equal('self')
    await keyValue(self, 'default').put('colour', text('red'))
    await twin!.spaces.stop()
    const again = await createSpaces(twin!.init)
    expect(again.self.text).to.equal(self.text)
    expect(readText((await keyValue(again.self, 'default').get('colour'))?.value)).to.equal('red')
  })

  it('are stopped once, however often they are asked to', async () => {
    const [twin] = await openTwins(1)
    const put = keyValue(twin!.spaces.self, 'default').put('colour', text('red'))
    await Promise.all([twin!.spaces.stop(), twin!.spaces.stop()])
    await twin!.spaces.stop()
    expect((await put).version).not.to.equal(undefined)
  })

  it('converge between two twins that write at the same time', async () => {
    const twins = await openTwins(2)
    const [one, other] = await sharedSpace(twins)
    const [a, b] = [keyValue(one!, 'default'), keyValue(other!, 'default')]
    await Promise.all([a.put('x', text('1')), b.put('x', text('2')), a.put('y', text('3')), b.put('z', text('4'))])
    await exchange(...twins)
    const read = async (table: typeof a) => {
      const all = []
      for await (const { key, value, version } of table.list()) all.push([key, readText(value), version])
      return all
    }
    expect(await read(a)).to.deep.equal(await read(b))
    expect((await read(a)).length).to.equal(3)
  })

  it('are made without a key for a member that is a replica', async () => {
    const [author, blind, reader] = await openTwins(3)
    const members = [
      { twin: blind!.twin, role: 'replica' as const },
      { twin: reader!.twin, role: 'reader' as const }
    ]
    const space = await author!.spaces.create({ kind: 'shared', name: 'notes', members })
    await exchange(author!, blind!, reader!)
    expect([blind, reader].map(of => of!.spaces.get(space.id)!.hasKey)).to.deep.equal([false, true])
  })

  it('are found again where another twin decides, though only its own device list was read', async () => {
    const twins = await openTwins(2)
    const [one, other] = await sharedSpace(twins)
    await keyValue(one!, 'default').put('colour', text('red'))
    await exchange(...twins)
    const lists = new Map(twins.map(({ twin, records }) => [twin.join(), records]))
    const stored = { get: (twin: Uint8Array) => lists.get(twin.join()), put: () => {} }
    const directory = new DeviceDirectory({ crypto, store: stored })
    const again = await createSpaces({ ...twins[1]!.init, directory })
    const space = again.get(other!.id)
    expect(space?.state).to.equal('open')
    expect(readText((await keyValue(space!, 'default').get('colour'))?.value)).to.equal('red')
  })

  it('attest after a crash what they stored before it', async () => {
    const [author, other] = await openTwins(2)
    const [space] = await sharedSpace([author!, other!])
    const { ref } = await space!.write('text/paper', doc => doc.getText('text').insert(0, 'a'))
    await give(author!, other!)
    const spaces = await createSpaces(other!.init)
    await exchange(author!, { ...other!, spaces })
    expect(space!.delivery(ref).state).to.equal('their-twin')
  })

  it('edit a text together through transactions on the document itself', async () => {
    const twins = await openTwins(3)
    const spaces = await sharedSpace(twins)
    const docs = await Promise.all(spaces.map(space => space.doc('text/paper')))
    docs.forEach((doc, index) => {
      for (const letter of `hello ${index} `) doc.getText('text').insert(doc.getText('text').length, letter)
    })
    await Promise.all(spaces.map(space => space.flush()))
    await exchange(...twins)
    const texts = docs.map(doc => doc.getText('text').toString())
    expect(texts[0]).to.have.length(24)
    expect(new Set(texts).size).to.equal(1)
    expect(textKind.kind).to.equal('text')
  })

  it('store the edits of one tick as one entry', async () => {
    const [twin] = await openTwins(1)
    const { self } = twin!.spaces
    const refs = await Promise.all(
      Array.from({ length: 70 }, (_, index) =>
        self.write('text/paper', doc => doc.getText('text').insert(0, String(index)))
      )
    )
    expect(new Set(refs.map(({ ref }) => ref.seq)).size).to.equal(2)
  })

  it('reload the same documents and rows from the store', async () => {
    const twins = await openTwins(2)
    const [one, other] = await sharedSpace(twins)
    const table = keyValue(one!, 'default')
    for (let index = 0; index < 50; index++) await table.put(`k${index % 7}`, text(String(index)))
    await other!.write('text/paper', doc => doc.getText('text').insert(0, 'abc'))
    await exchange(...twins)
    const live = await indexRows(twins[0]!.db)
    const liveText = (await one!.doc('text/paper')).getText('text').toString()
    // Without stop(): as after a crash
    const again = await createSpaces(twins[0]!.init)
    const space = again.get(one!.id)!
    expect((await space.doc('text/paper')).getText('text').toString()).to.equal(liveText)
    await keyValue(space, 'default').put('more', text('1'))
    expect(new Set((await indexRows(twins[0]!.db)).keys()).size).to.equal(live.size + 1)
  })

  it('show what a twin of the other has signed for', async () => {
    const twins = await openTwins(2)
    const [one] = await sharedSpace(twins)
    const { ref } = await one!.write('text/paper', doc => doc.getText('text').insert(0, 'abc'))
    expect(one!.delivery(ref).state).to.equal('saved')
    await exchange(...twins)
    expect(one!.delivery(ref).state).to.equal('their-twin')
  })

  it('make a direct space by the lower twin, and give it to the other', async () => {
    const twins = await openTwins(2)
    const made = await Promise.all(twins.map(({ spaces }, index) => spaces.direct(twins[1 - index]!.twin)))
    expect(made.filter(space => space !== undefined)).to.have.length(1)
    await exchange(...twins)
    const both = await Promise.all(twins.map(({ spaces }, index) => spaces.direct(twins[1 - index]!.twin)))
    expect(both[0]!.text).to.equal(both[1]!.text)
    await both[1]!.write(`diary/${both[1]!.myNumber}`, doc => doc.getArray('lines').push(['hello']))
    await exchange(...twins)
    const doc = await both[0]!.doc(`diary/${both[1]!.myNumber}`)
    expect(doc.getArray('lines').toArray()).to.deep.equal(['hello'])
    expect(crypto).to.not.equal(undefined)
  })

  it('let nobody write the document of another member', async () => {
    const twins = await openTwins(2)
    const [one, other] = await sharedSpace(twins)
    const foreign = `diary/${other!.myNumber}`
    expect(one!.mayWrite(foreign)).to.equal(false)
    const refused = await one!.write(foreign, doc => doc.getArray('lines').push(['x'])).catch(error => error)
    expect(refused.code).to.equal('not-writer')
  })
})
