import { expect } from 'chai'
import * as Y from 'yjs'
import { encode } from '../codec.ts'
import type { Crypto } from '../crypto/index.ts'
import { createDoc } from '../gate/index.ts'
import { keyValue } from '../key-value/index.ts'
import { holdWriting } from './database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { forge, scene, stateOf } from './milestone.fixture.ts'
import type { LogRun } from './replica.ts'
import { crypto, exchange, indexRows, newTwin, openTwins, readText, sharedSpace, text } from './replicas.fixture.ts'

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

  it('leaves nothing of what is on its way to the disk when another document is not sound', async () => {
    const { keeper, third, space } = await scene()
    const doc = createDoc()
    doc.clientID = 0x10001
    doc.getArray('e').push([encode(['k', 0, text('v'), 1])])
    const { milestone, parts } = await forge(keeper, space, [
      ['text/a', stateOf(0x50001, 'abc'), [[0x50001, 3]]],
      ['kv/n/0', Y.encodeStateAsUpdate(doc), [[0x10001, 1]]]
    ])
    const { self, replica } = third.spaces
    await replica.receiveMilestone(space.id, milestone)
    for (const part of parts) await replica.receivePart(space.id, part)
    const release = holdWriting(third.db, `i/${space.text}/`)
    // While the first group is prepared: so much that the next one is prepared before that is written
    const get = third.db.get.bind(third.db)
    const mine = new Promise<unknown>(resolve => {
      third.db.get = (key: string) => {
        if (key.startsWith(`c/${space.text}/p/`)) {
          third.db.get = get
          const puts = Array.from({ length: 300 }, (_, n) => keyValue(self, 'n').put(`k${n}`, text('mine')))
          resolve(Promise.all(puts))
        }
        return get(key)
      }
    })
    const completed = replica.completeMilestone(space.id)
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    release()
    expect((await completed).refused?.reason).to.match(/text\/a has an author/)
    await mine
    const left = [...(await indexRows(third.db)).keys()].filter(key => key.startsWith(`i/${space.text}/`))
    expect(left).to.deep.equal([])
  })
})
