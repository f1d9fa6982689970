import { expect } from 'chai'
import type { Crypto } from '../crypto/index.ts'
import { keyValue } from '../key-value/index.ts'
import { createSpaces } from './local-spaces.ts'
import type { LogRun } from './replica.ts'
import { crypto, exchange, newTwin, openTwins, readText, sharedSpace, text } from './replicas.fixture.ts'

describe('a milestone that comes to an empty space', () => {
  it('takes away nothing that was being taken when it began', async () => {
    const twins = await openTwins(2)
    const [space, theirs] = await sharedSpace(twins)
    const [keeper, member] = twins.map(({ spaces }) => spaces.replica)
    await keyValue(space!, 'n').put('k', text('ours'))
    for (let round = 0; round < 3; round++) await exchange(...twins)
    // The keeper has not seen the last of it when it makes its milestone
    await keyValue(theirs!, 'n').put('k', text('theirs'))
    const runs: LogRun[] = []
    for (const [twin, device] of member!.space(space!.id)!.frontier()) {
      const log = { twin, device }
      for await (const run of member!.runs(space!.id, log, 0)) runs.push({ log, run })
    }
    await space!.compact()

    const [begun, judging] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let isHeld = false
    const slow: Crypto = Object.assign(Object.create(crypto), {
      verify: async (...what: Parameters<Crypto['verify']>) => {
        if (isHeld) {
          begun.resolve()
          await judging.promise
        }
        return crypto.verify(...what)
      }
    })
    const made = await newTwin({ crypto: slow })
    const third = { ...made, spaces: await createSpaces(made.init) }
    for (const other of twins) {
      await third.init.directory.receive(other.twin, other.records)
      await other.init.directory.receive(third.twin, third.records)
    }
    await twins[0]!.spaces.addMember(space!, third.twin)
    const { records, wraps } = keeper!.records(space!.id, undefined, third.twin)
    const { replica } = third.spaces
    await replica.receiveRecords(space!.id, records, wraps, keeper!.self)
    const [offer] = keeper!.milestonesFor(space!.id, [], third.twin)
    await replica.receiveMilestone(space!.id, offer!.milestone)
    for await (const part of offer!.parts()) await replica.receivePart(space!.id, part)

    isHeld = true
    const received = replica.receiveRuns(space!.id, runs, member!.self)
    await begun.promise
    const completed = replica.completeMilestone(space!.id)
    while ((await third.db.get(`c/${space!.text}/n`)) === undefined) await new Promise(setImmediate)
    await new Promise(setImmediate)
    isHeld = false
    judging.resolve()
    expect((await received).refused).to.equal(undefined)
    await completed
    const table = keyValue(third.spaces.get(space!.id)!, 'n')
    expect(readText((await table.get('k'))?.value)).to.equal('theirs')
    expect(replica.space(space!.id)!.frontier()).to.have.deep.members(member!.space(space!.id)!.frontier())
  })
})
