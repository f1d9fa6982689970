import { expect } from 'chai'
import { createSpaces } from './local-spaces.ts'
import { exchange, newTwin, openTwins, sharedSpace, textKind } from './replicas.fixture.ts'

describe('documents', function () {
  this.timeout(20_000)

  it('are the same whether they stayed in memory, left it, or were read after a crash or a stop', async () => {
    const twin = await newTwin()
    const spaces = await createSpaces(twin.init)
    const names = Array.from({ length: 300 }, (_, index) => `text/${index}`)
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < names.length; at += 50) {
        await Promise.all(
          names
            .slice(at, at + 50)
            .map(name => spaces.self.write(name, doc => doc.getText('text').insert(0, `${round}`)))
        )
      }
    }
    const crashed = await createSpaces(twin.init)
    for (const name of names) expect((await crashed.self.doc(name)).getText('text').toString()).to.equal('210')
    await crashed.self.write('text/0', doc => doc.getText('text').insert(0, 'x'))
    await crashed.stop()
    const stopped = await createSpaces(twin.init)
    expect((await stopped.self.doc('text/0')).getText('text').toString()).to.equal('x210')
    expect((await stopped.self.doc('text/299')).getText('text').toString()).to.equal('210')
  })

  it('are built from the log when their snapshot is damaged', async () => {
    const twin = await newTwin()
    const spaces = await createSpaces(twin.init)
    await spaces.self.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
    await spaces.stop()
    const key = `s/${spaces.self.text}/text/a`
    const row = Uint8Array.from((await twin.db.get(key))!)
    row[row.length - 3]! ^= 0xff
    await twin.db.put(key, row)
    const again = await createSpaces(twin.init)
    expect((await again.self.doc('text/a')).getText('text').toString()).to.equal('abc')
  })

  it('of a kind that was not known when they arrived are read once it is', async () => {
    const twins = await openTwins(2)
    const older = await newTwin({ kinds: [] })
    const reader = { ...older, spaces: await createSpaces(older.init) }
    await reader.init.directory.receive(twins[0]!.twin, twins[0]!.records)
    await twins[0]!.init.directory.receive(reader.twin, reader.records)
    const [space] = await sharedSpace([twins[0]!, reader])
    await space!.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
    await exchange(twins[0]!, reader)
    expect(reader.spaces.replica.space(space!.id)!.frontier()).to.have.length(1)
    await reader.spaces.stop()
    const newer = await createSpaces({ ...older.init, kinds: [textKind] })
    expect((await newer.get(space!.id)!.doc('text/a')).getText('text').toString()).to.equal('abc')
  })

  it('take no direct change from somebody who may not write', async () => {
    const twins = await openTwins(2)
    const members = [{ twin: twins[1]!.twin, role: 'reader' as const }]
    const space = await twins[0]!.spaces.create({ kind: 'shared', name: 'x', members })
    await exchange(...twins)
    const theirs = twins[1]!.spaces.get(space.id)!
    const doc = await theirs.doc('text/a')
    doc.getText('text').insert(0, 'mine')
    await theirs.flush()
    expect((await theirs.doc('text/a')).getText('text').toString()).to.equal('')
    expect(twins[1]!.spaces.replica.space(space.id)!.frontier()).to.have.length(0)
  })

  it('are not written after the stop', async () => {
    const { init } = await newTwin()
    const spaces = await createSpaces(init)
    await spaces.stop()
    const refused = await spaces.self.write('text/a', () => {}).catch(error => error)
    expect(refused.code).to.equal('stopped')
  })
})
