import { expect } from 'chai'
import * as Y from 'yjs'
import { encode } from '../codec.ts'
import { createDoc } from '../gate/index.ts'
import { keyValue } from '../key-value/index.ts'
import type { LogHead } from '../log/index.ts'
import {
  decodeMilestone,
  encodeMilestone,
  type ListedDocument,
  openList,
  sealParts,
  signMilestone
} from '../milestone/index.ts'
import type { LocalSpace } from './local-space.ts'
import { createSpaces } from './local-spaces.ts'
import {
  crypto,
  exchange,
  indexRows,
  newTwin,
  openTwins,
  sharedSpace,
  type TestReplica,
  text
} from './replicas.fixture.ts'
import type { Space } from './space.ts'

interface Sent {
  readonly milestone: Uint8Array
  readonly parts: readonly Uint8Array[]
}

/** Two members whose logs were shortened, and a third that has the keys and nothing else. */
async function scene(): Promise<{ keeper: TestReplica; member: TestReplica; third: TestReplica; space: Space }> {
  const twins = await openTwins(2)
  const [space, theirs] = await sharedSpace(twins)
  for (let round = 0; round < 5; round++) await keyValue(space!, 'n').put('k', text(`${round}`))
  await exchange(...twins)
  await keyValue(theirs!, 'n').put('k', text('theirs'))
  await exchange(...twins)
  await exchange(...twins)
  await space!.compact()
  await theirs!.compact()
  const made = await newTwin()
  const third = { ...made, spaces: await createSpaces(made.init) }
  for (const other of twins) {
    await third.init.directory.receive(other.twin, other.records)
    await other.init.directory.receive(third.twin, third.records)
  }
  await twins[0]!.spaces.addMember(space!, third.twin)
  const { records, wraps } = twins[0]!.spaces.replica.records(space!.id, undefined, third.twin)
  await third.spaces.replica.receiveRecords(space!.id, records, wraps, twins[0]!.spaces.replica.self)
  return { keeper: twins[0]!, member: twins[1]!, third, space: space! }
}

async function take(from: TestReplica, space: Space, forTwin: Uint8Array): Promise<Sent> {
  const offer = from.spaces.replica.milestonesFor(space.id, [], forTwin)[0]!
  const parts: Uint8Array[] = []
  for await (const part of offer.parts()) parts.push(part)
  return { milestone: offer.milestone, parts }
}

/** Why it was refused, with nothing changed; `undefined` when it was taken or not needed. */
async function deliver(to: TestReplica, { id }: Space, { milestone, parts }: Sent): Promise<string | undefined> {
  const { replica } = to.spaces
  const before = await indexRows(to.db)
  const { refused } = await replica.receiveMilestone(id, milestone)
  for (const part of parts) await replica.receivePart(id, part)
  const reason = refused ?? (await replica.completeMilestone(id)).refused
  if (reason !== undefined) {
    expect(await indexRows(to.db)).to.deep.equal(before)
    expect(replica.space(id)!.frontier()).to.deep.equal([])
  }
  return reason && `${reason.code}: ${reason.reason}`
}

type Forged = readonly [document: string, state: Uint8Array, clocks: ListedDocument['clocks']]

/** What a keeper who lies signs: documents and heads as it likes. */
async function forge(by: TestReplica, space: Space, documents: readonly Forged[], logs?: readonly LogHead[]) {
  const { milestones } = by.spaces.get(space.id) as LocalSpace
  const self = { twin: by.twin, device: 1 }
  const key = milestones.key(self, 1)!
  const [listed, sealed]: [ListedDocument[], Uint8Array[]] = [[], []]
  const parts: [Uint8Array, number][] = []
  for (const [document, state, clocks] of documents) {
    const made = await sealParts(state, { space: space.id, by: self, epoch: 1, document }, key, crypto)
    listed.push({ document, epoch: 1, parts: made.length, clocks, beyond: [] })
    sealed.push(...made.map(part => part.sealed))
    parts.push(...made.map((part): [Uint8Array, number] => [part.hash, part.sealed.length]))
  }
  const heads = logs ?? by.spaces.replica.space(space.id)!.frontier()
  const unsigned = { version: 1 as const, space: space.id, by: self, number: 9, epoch: 1, logs: heads, parts }
  const milestone = await signMilestone(unsigned, listed, key, by.init.me.signer, crypto)
  return { milestone: encodeMilestone(milestone), parts: sealed }
}

function stateOf(client: number, content: string): Uint8Array {
  const doc = createDoc()
  doc.clientID = client
  doc.getText('text').insert(0, content)
  return Y.encodeStateAsUpdate(doc)
}

describe('a milestone of somebody hostile', function () {
  this.timeout(60_000)

  it('is let go by another session while a part of it is being stored, and taken when it comes again', async () => {
    const { keeper, third, space } = await scene()
    const sent = await take(keeper, space, third.twin)
    const { replica } = third.spaces
    await replica.receiveMilestone(space.id, sent.milestone)
    const storing = replica.receivePart(space.id, sent.parts[0]!)
    expect((await replica.completeMilestone(space.id)).refused?.code).to.equal('later')
    await storing
    expect(await deliver(third, space, sent)).to.equal(undefined)
    expect(replica.space(space.id)!.frontier()).to.have.length.greaterThan(0)
  })

  it('is refused when a byte of it was changed', async () => {
    const { keeper, third, space } = await scene()
    const sent = await take(keeper, space, third.twin)
    for (let at = 0; at < sent.milestone.length; at += 7) {
      const milestone = Uint8Array.from(sent.milestone)
      milestone[at]! ^= 1
      expect(await deliver(third, space, { ...sent, milestone }), `${at}`).to.be.a('string')
    }
    expect(await deliver(third, space, sent)).to.equal(undefined)
    expect(third.spaces.replica.space(space.id)!.frontier()).to.have.length(2)
  })

  it('is refused from a member who does not keep the space, and offered only to its own devices', async () => {
    const { member, third, space } = await scene()
    expect(member.spaces.replica.milestonesFor(space.id, [], third.twin)).to.deep.equal([])
    const sent = await take(member, space, member.twin)
    expect(await deliver(third, space, sent)).to.match(/^membership: .*keeper/)
  })

  it('changes nothing without all of its parts, or with other ones', async () => {
    const { keeper, third, space } = await scene()
    const sent = await take(keeper, space, third.twin)
    expect(await deliver(third, space, { ...sent, parts: sent.parts.slice(1) })).to.match(/^later: Parts/)
    const parts = sent.parts.map(part => part.map((byte, index) => (index === 40 ? byte ^ 1 : byte)))
    expect(await deliver(third, space, { ...sent, parts })).to.match(/^later: Parts/)
    expect(await deliver(third, space, sent)).to.equal(undefined)
  })

  it('is refused, and its document named, with authors or clocks beyond the logs that it covers', async () => {
    const { keeper, third, space } = await scene()
    const own = 0x10001
    const stranger = 0x50001
    const refused = (client: number, clocks: ListedDocument['clocks']) =>
      forge(keeper, space, [['text/a', stateOf(client, 'abc'), clocks]]).then(sent => deliver(third, space, sent))
    expect(await refused(stranger, [[stranger, 3]])).to.match(/text\/a has an author whose log it does not cover/)
    expect(await refused(stranger, [[own, 3]])).to.match(/text\/a is not sound: .* an author/)
    expect(await refused(own, [[own, 2]])).to.match(/text\/a is not sound: .* beyond the log/)
    expect(await refused(own, [[own, 4]])).to.match(/text\/a is not sound: .* lacks/)
    expect(await refused(own, [[own, 3]])).to.equal(undefined)
  })

  it('is refused with bytes that Yjs would choke on', async () => {
    const { keeper, third, space } = await scene()
    const poison = Uint8Array.of(1, 1, 0x81, 0x80, 4, 0, 0, 0)
    const sent = await forge(keeper, space, [['text/a', poison, [[0x10001, 1]]]])
    expect(await deliver(third, space, sent)).to.match(/text\/a is not sound/)
  })

  it('leaves nothing of its sound documents when another one is not', async () => {
    const { keeper, third, space } = await scene()
    const doc = createDoc()
    doc.clientID = 0x10001
    doc.getArray('e').push([encode(['k', 0, text('v'), 1])])
    const sound = Y.encodeStateAsUpdate(doc)
    const sent = await forge(keeper, space, [
      ['text/a', stateOf(0x50001, 'abc'), [[0x50001, 3]]],
      ['kv/n/0', sound, [[0x10001, 1]]]
    ])
    const told: string[] = []
    third.spaces.get(space.id)!.on('rows', ({ rows }) => told.push(...rows.map(({ key }) => key)))
    expect(await deliver(third, space, sent)).to.match(/text\/a has an author/)
    expect(told).to.deep.equal(['n/k'])
    expect(await keyValue(third.spaces.get(space.id)!, 'n').get('k')).to.equal(undefined)
    expect(await deliver(third, space, await take(keeper, space, third.twin))).to.equal(undefined)
    expect(await keyValue(third.spaces.get(space.id)!, 'n').get('k')).to.have.property('kind', 'bytes')
  })

  it('changes nothing when it is an old one that is played again', async () => {
    const { keeper, third, space } = await scene()
    const old = await take(keeper, space, third.twin)
    for (let round = 0; round < 3; round++) await keyValue(space, 'n').put('k', text(`new ${round}`))
    await space.compact()
    const sent = await take(keeper, space, third.twin)
    expect(decodeMilestone(sent.milestone).number).to.equal(decodeMilestone(old.milestone).number + 1)
    expect(await deliver(third, space, sent)).to.equal(undefined)
    const rows = await indexRows(third.db)
    expect(await deliver(third, space, old)).to.equal(undefined)
    expect(await indexRows(third.db)).to.deep.equal(rows)
  })

  it('is refused when it covers what this device itself wrote and has not: its disk was rolled back', async () => {
    const { keeper, third, space } = await scene()
    const heads = keeper.spaces.replica.space(space.id)!.frontier()
    const logs: LogHead[] = [...heads, [third.twin, 1, 5, new Uint8Array(32).fill(1)]]
    const sent = await forge(keeper, space, [['text/a', stateOf(0x10001, 'abc'), [[0x10001, 3]]]], logs)
    expect(await deliver(third, space, sent)).to.match(/^fork: .*rolled back/)
  })

  it('is refused when it names another history of a log that is held', async () => {
    const { keeper, third, space } = await scene()
    expect(await deliver(third, space, await take(keeper, space, third.twin))).to.equal(undefined)
    const [first, ...others] = keeper.spaces.replica.space(space.id)!.frontier()
    const [twin, device, seq] = first!
    const [otherTwin, otherDevice, otherSeq, hash] = others[0]!
    const logs: LogHead[] = [
      [twin, device, seq, new Uint8Array(32).fill(1)],
      [otherTwin, otherDevice, otherSeq + 1, hash]
    ]
    const sent = await forge(keeper, space, [['text/a', stateOf(0x10001, 'abc'), [[0x10001, 3]]]], logs)
    const { refused } = await third.spaces.replica.receiveMilestone(space.id, sent.milestone)
    expect(refused?.code).to.equal('chain')
  })

  it('opens with the key of its own device and epoch only', async () => {
    const { keeper, space } = await scene()
    const { milestones } = keeper.spaces.get(space.id) as LocalSpace
    const [held] = milestones
    const milestone = held!.milestone
    expect(await openList(milestone, milestones.key(milestone.by, 1)!, crypto)).to.be.an('array')
    expect(await openList(milestone, milestones.key({ ...milestone.by, device: 2 }, 1)!, crypto)).to.equal(undefined)
  })
})
