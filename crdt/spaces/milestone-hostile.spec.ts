import { expect } from 'chai'
import * as Y from 'yjs'
import { encode } from '../codec.ts'
import { createDoc } from '../gate/index.ts'
import { keyValue } from '../key-value/index.ts'
import type { LogHead } from '../log/index.ts'
import { decodeMilestone, type ListedDocument, openList } from '../milestone/index.ts'
import type { LocalSpace } from './local-space.ts'
import { deliver, forge, scene, stateOf, take } from './milestone.fixture.ts'
import { crypto, indexRows, text } from './replicas.fixture.ts'

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
