/** What groups must show; a part of the suite of chat. */
import { expect } from 'chai'
import type { ChatWorld } from './compliance.ts'
import { all, becomes, becomesLast, type ChatTwin, codeOf, has, reaches } from './compliance-steps.ts'

export function groupCompliance<T extends ChatTwin>(worldOf: () => ChatWorld<T>): void {
  let ann: T
  let ben: T
  let cleo: T

  beforeEach(async () => {
    const world = worldOf()
    ann = world.ann
    ben = world.ben
    cleo = world.cleo
    await world.meet(ann, ben)
    await world.meet(ann, cleo)
  })

  it('what one says all read, and the least of them counts', async () => {
    const group = await ann.chat.createGroup({ name: 'Trip', members: ['Ben', 'Cleo'] })
    expect(group.members.map(({ id }) => id).sort()).to.deep.equal([ann.id, ben.id, cleo.id].sort())
    await cleo.setOnline(false)
    const { id } = await ann.chat.send({ who: 'Trip', text: 'Hello all' })
    await has(ben, group.id, 1)
    const halfway = await becomes(
      ann,
      'Trip',
      id,
      message => message.members?.some(({ state }) => state === 'opened') ?? false
    )
    expect(halfway.state).to.equal('saved')
    expect(halfway.members?.find(member => member.id === cleo.id)?.state).to.equal('saved')
    await cleo.setOnline(true)
    await has(cleo, group.id, 1)
    await reaches(ann, 'Trip', id, 'opened')
  })

  it('members are listed, and added by who made it', async () => {
    const group = await ann.chat.createGroup({ name: 'Trip', members: ['Ben'] })
    await ann.chat.send({ who: 'Trip', text: 'first' })
    await has(ben, group.id, 1)
    expect(await codeOf(ben.chat.addMember({ group: group.id, who: 'Ann' }))).to.equal('FailedPrecondition')
    expect((await ann.chat.addMember({ group: 'Trip', who: 'Cleo' })).id).to.equal(cleo.id)
    await ann.chat.send({ who: 'Trip', text: 'second' })
    const there = await becomesLast(cleo, group.id, message => message.text === 'second')
    expect(there.from).to.equal(ann.id)
    expect(await all(ann.chat.members({ who: 'Trip' }))).to.have.length(3)
  })

  it('a name that exists is not given twice, and only contacts are members', async () => {
    await ann.chat.createGroup({ name: 'Trip', members: [] })
    expect(await codeOf(ann.chat.createGroup({ name: 'trip', members: [] }))).to.equal('AlreadyExists')
    expect(await codeOf(ann.chat.createGroup({ name: 'Other', members: ['Nobody'] }))).to.equal('NotFound')
  })
}
