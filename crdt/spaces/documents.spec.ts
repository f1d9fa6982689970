import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { createSpaces } from './local-spaces.ts'
import { exchange, newTwin, openTwins, sharedSpace, textKind } from './replicas.fixture.ts'

describe('documents', function () {
  this.timeout(60_000)

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

  it('take a bounded amount of memory, whatever is stored and in how many spaces', async () => {
    const maxOpenBytes = 100_000
    const twin = await newTwin({ maxOpenBytes })
    const spaces = await createSpaces(twin.init)
    const shared = []
    for (const name of ['a', 'b', 'c']) shared.push(await spaces.create({ kind: 'shared', name, members: [] }))
    const content = 'x'.repeat(20_000)
    for (const space of shared) {
      for (let index = 0; index < 8; index++) {
        await space.write(`text/${index}`, doc => doc.getText('text').insert(0, `${index}${content}`))
      }
    }
    // What was just written leaves with the group after it, those of idle spaces with one that they ask for
    for (const space of shared) await space.write('text/last', doc => doc.getText('text').insert(0, 'z'))
    await spaces.self.flush()
    expect(spaces.openBytes).to.be.at.most(maxOpenBytes).and.greaterThan(0)
    for (const space of shared) {
      for (let index = 0; index < 8; index++) {
        await space.write(`text/${index}`, doc => {
          expect(doc.getText('text').toString()).to.equal(`${index}${content}`)
        })
      }
    }
  })

  it('are never full of what was overwritten', async () => {
    const twin = await newTwin()
    const spaces = await createSpaces(twin.init)
    const table = keyValue(spaces.self, 'n')
    const value = new Uint8Array(60_000)
    // Thirty-six megabytes under one key, of which the last 60 kB are left
    for (let index = 0; index < 600; index++) await table.put('k', value)
    expect((await table.get('k'))?.value.length).to.equal(60_000)
  })

  it('that are full take no more, say what to do, and take more again once something was removed', async () => {
    const twin = await newTwin()
    const { self } = await createSpaces(twin.init)
    const put = (index: number) =>
      self.write('text/a', doc => doc.getText('text').insert(0, `${index}`.repeat(60_000).slice(0, 60_000)))
    let written = 0
    let refusal: { code?: string; message?: string } = {}
    while (refusal.code === undefined && written < 700) {
      await put(written % 10).then(
        () => written++,
        error => {
          refusal = error
        }
      )
    }
    expect(refusal.code).to.equal('too-large')
    expect(refusal.message).to.contain('remove what is not needed')
    expect((await self.doc('text/a')).getText('text').length).to.equal(60_000 * written)
    await self.write('text/a', doc => doc.getText('text').delete(0, 600_000))
    await put(1)
    expect((await self.doc('text/a')).getText('text').length).to.equal(60_000 * (written + 1) - 600_000)
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
