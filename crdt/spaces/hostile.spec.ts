import { expect } from 'chai'
import * as Y from 'yjs'
import { keyValue } from '../key-value/index.ts'
import { clientId, decodeRun, encodeRun, type LogId, lastOf, zeroHash } from '../log/index.ts'
import { forge, insertion, logOf, runsOf } from './forge.fixture.ts'
import { crypto, exchange, indexRows, openTwins, sharedSpace, type TestReplica, text } from './replicas.fixture.ts'
import type { Space } from './space.ts'

describe('a replica', function () {
  this.timeout(60_000)
  let twins: TestReplica[]
  let one: Space
  let other: Space

  beforeEach(async () => {
    twins = await openTwins(2)
    ;[one, other] = (await sharedSpace(twins)) as [Space, Space]
  })

  const receive = (runs: { log: LogId; run: Uint8Array }[]) =>
    twins[1]!.spaces.replica.receiveRuns(one.id, runs, logOf(twins[0]!))
  const textOf = async (space: Space) => (await space.doc('text/paper')).getText('text').toString()
  const type = (value: string) => one.write('text/paper', doc => doc.getText('text').insert(0, value))

  it('takes no run of which a byte was changed', async () => {
    await type('abc')
    const [run] = await runsOf(twins[0]!, one)
    const before = await indexRows(twins[1]!.db)
    for (let at = 0; at < run!.length; at += 7) {
      const changed = Uint8Array.from(run!)
      changed[at]! ^= 1
      const result = await receive([{ log: logOf(twins[0]!), run: changed }])
      expect(result.accepted, `byte ${at}`).to.equal(0)
    }
    expect(await textOf(other)).to.equal('')
    expect(await indexRows(twins[1]!.db)).to.deep.equal(before)
    expect((await receive([{ log: logOf(twins[0]!), run: run! }])).accepted).to.equal(1)
  })

  it('takes no entry that somebody signed in the name of another', async () => {
    const update = insertion(clientId(1, 1), 'forged')
    const forged = await forge(twins[1]!, one, { log: logOf(twins[0]!), update })
    const result = await receive([forged])
    expect(result.refused?.code).to.equal('signature')
    expect(await textOf(other)).to.equal('')
  })

  it('keeps what is genuine when a forged run is sent in the same call', async () => {
    await type('abc')
    const [genuine] = await runsOf(twins[0]!, one)
    const forged = await forge(twins[1]!, one, { log: logOf(twins[0]!), update: insertion(clientId(1, 1), 'forged') })
    const result = await receive([forged, { log: logOf(twins[0]!), run: genuine! }])
    expect(result.accepted).to.equal(1)
    expect(await textOf(other)).to.equal('abc')
  })

  it('ignores what it has', async () => {
    await type('abc')
    const run = { log: logOf(twins[0]!), run: (await runsOf(twins[0]!, one))[0]! }
    expect((await receive([run])).accepted).to.equal(1)
    const again = await receive([run, run])
    expect(again).to.deep.include({ accepted: 0, held: 0, refused: undefined })
    expect(await textOf(other)).to.equal('abc')
  })

  it('holds what comes too early, and applies it in order', async () => {
    for (const value of ['a', 'b', 'c']) await type(value)
    const runs = (await runsOf(twins[0]!, one)).map(run => ({ log: logOf(twins[0]!), run }))
    expect(runs).to.have.length(3)
    expect((await receive([runs[2]!])).held).to.equal(1)
    expect((await receive([runs[1]!])).accepted).to.equal(0)
    expect(await textOf(other)).to.equal('')
    await receive([runs[0]!])
    expect(await textOf(other)).to.equal('cba')
  })

  it('takes runs without previous hashes, and stores them whole', async () => {
    for (const value of ['a', 'b']) await type(value)
    const runs = (await runsOf(twins[0]!, one)).map(run => ({
      log: logOf(twins[0]!),
      run: encodeRun({ ...decodeRun(run), prev: undefined })
    }))
    expect((await receive(runs)).accepted).to.equal(2)
    // One run under the last signature
    const stored = []
    for await (const run of twins[1]!.spaces.replica.runs(one.id, logOf(twins[0]!), 0)) stored.push(decodeRun(run))
    expect(stored).to.have.length(1)
    expect(stored[0]!.prev).to.deep.equal(zeroHash)
    expect(lastOf(stored[0]!)).to.equal(2)
  })

  it('freezes a log that was written twice and keeps both histories', async () => {
    await type('abc')
    const forks: unknown[] = []
    twins[1]!.spaces.on('fork', fork => forks.push(fork))
    await receive([{ log: logOf(twins[0]!), run: (await runsOf(twins[0]!, one))[0]! }])
    const second = await forge(twins[0]!, one, { update: insertion(clientId(1, 1), 'other') })
    expect((await receive([second])).refused?.code).to.equal('fork')
    expect(forks).to.have.length(1)
    expect(await textOf(other)).to.equal('abc')
    await type('more')
    const later = (await runsOf(twins[0]!, one, 1)).map(run => ({ log: logOf(twins[0]!), run }))
    expect((await receive(later)).refused?.code).to.equal('fork')
    expect(await twins[1]!.db.keys({ gte: 'x/', lt: 'x0' }).all()).to.have.length(1)
  })

  it('takes no entry that builds on another history of a log than the one it has', async () => {
    await type('abc')
    const update = insertion(clientId(2, 1), 'x')
    const built = await forge(twins[1]!, one, { deps: [[1, 1, 1, crypto.randomBytes(32)]], update })
    const result = await twins[0]!.spaces.replica.receiveRuns(one.id, [built], logOf(twins[1]!))
    expect(result.accepted).to.equal(0)
    expect(result.refused?.code).to.equal('chain')
  })

  it('refuses an epoch that the membership head does not have', async () => {
    const wrong = await forge(twins[0]!, one, { epoch: 2, update: insertion(clientId(1, 1), 'x') })
    expect((await receive([wrong])).refused?.code).to.equal('membership')
  })

  it('holds entries under a membership head that it does not know, and takes them after the record', async () => {
    const [third] = await openTwins(1)
    await twins[0]!.init.directory.receive(third!.twin, third!.records)
    await twins[0]!.spaces.addMember(one, third!.twin)
    await type('abc')
    const runs = (await runsOf(twins[0]!, one)).map(run => ({ log: logOf(twins[0]!), run }))
    const early = await receive(runs)
    expect(early).to.deep.include({ accepted: 0, held: 1 })
    expect(early.refused?.code).to.equal('later')
    await exchange(...twins)
    expect(await textOf(other)).to.equal('abc')
  })

  it('takes nothing from a twin that may only read', async () => {
    const space = await twins[0]!.spaces.create({
      kind: 'shared',
      name: 'notice',
      members: [{ twin: twins[1]!.twin, role: 'reader' }]
    })
    await exchange(...twins)
    const theirs = twins[1]!.spaces.get(space.id)!
    const refused = await theirs.write('text/paper', () => {}).catch(error => error)
    expect(refused.code).to.equal('not-writer')
    const forged = await forge(twins[1]!, theirs, { update: insertion(clientId(2, 1), 'x') })
    const result = await twins[0]!.spaces.replica.receiveRuns(space.id, [forged], logOf(twins[1]!))
    expect(result.refused?.code).to.equal('membership')
  })

  it('stores an update that the gate refuses and leaves it out, now and after a reload', async () => {
    const stolen = await forge(twins[0]!, one, { update: insertion(clientId(2, 1), 'as the other') })
    expect((await receive([stolen])).accepted).to.equal(1)
    expect(await textOf(other)).to.equal('')
    expect(await twins[1]!.db.keys({ gte: 'g/', lt: 'g0' }).all()).to.have.length(1)
  })

  it('leaves out what a member writes into the document of another', async () => {
    const doc = new Y.Doc()
    doc.clientID = clientId(1, 1)
    doc.getArray('lines').push(['as the other'])
    const foreign = await forge(twins[0]!, one, { document: 'diary/2', update: Y.encodeStateAsUpdate(doc) })
    expect((await receive([foreign])).accepted).to.equal(1)
    expect((await other.doc('diary/2')).getArray('lines').length).to.equal(0)
  })

  it('leaves out what does not open under the key that was committed to', async () => {
    const sealed = await forge(twins[0]!, one, {
      update: insertion(clientId(1, 1), 'x'),
      epochKey: crypto.randomBytes(32)
    })
    expect((await receive([sealed])).accepted).to.equal(1)
    expect(await textOf(other)).to.equal('')
  })

  it('believes no claim that a device did not sign', async () => {
    const { ref } = await type('abc')
    const claim = { by: logOf(twins[1]!), log: logOf(twins[0]!), seq: 1, signature: new Uint8Array(64) }
    await twins[0]!.spaces.replica.receiveDurable(one.id, [claim], logOf(twins[1]!))
    expect(one.delivery(ref).state).to.equal('saved')
  })

  it('serves nothing of a space that was offered and not accepted', async () => {
    const [a, b] = await openTwins(2, { autoAccept: () => false })
    const space = await a!.spaces.create({ kind: 'shared', name: 'x', members: [b!.twin] })
    await keyValue(space, 'n').put('k', text('v'))
    await exchange(a!, b!)
    expect(b!.spaces.get(space.id)!.state).to.equal('offered')
    expect(b!.spaces.replica.space(space.id)!.frontier()).to.deep.equal([])
    await b!.spaces.accept(space.id)
    await exchange(a!, b!)
    expect((await keyValue(b!.spaces.get(space.id)!, 'n').get('k'))?.value).to.deep.equal(text('v'))
  })

  it('is offered nothing by a twin that is no contact', async () => {
    const [a, b] = await openTwins(2, { mayOffer: () => false })
    const space = await a!.spaces.create({ kind: 'shared', name: 'x', members: [b!.twin] })
    await exchange(a!, b!)
    expect(b!.spaces.get(space.id)).to.equal(undefined)
  })
})
