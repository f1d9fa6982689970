import { expect } from 'chai'
import { equals } from 'uint8arrays/equals'
import { keyValue } from '../key-value/index.ts'
import type { SpacesEvents } from '../spaces/index.ts'
import type { LocalSpace } from '../spaces/local-space.ts'
import { openTwins, readText, type TestReplica, text } from '../spaces/replicas.fixture.ts'
import { asNewDevice, copyOf, openOn } from './disk.fixture.ts'
import { Link, settle, until } from './link.fixture.ts'

describe('a disk that was set back to before what others have compacted', function () {
  this.timeout(60_000)
  let ada: TestReplica
  let bea: TestReplica
  let id: Uint8Array
  let forks: SpacesEvents['fork'][]

  const spaceOf = ({ spaces }: TestReplica) => spaces.get(id) as LocalSpace
  const tableOf = (of: TestReplica) => keyValue(spaceOf(of), 'default')
  const rowsOf = async (of: TestReplica) => {
    const rows: Record<string, string | undefined> = {}
    for await (const { key, value } of tableOf(of).list()) rows[key] = readText(value)
    return rows
  }
  const seqOf = (of: TestReplica, by: TestReplica, device = 1) =>
    of.spaces.replica
      .space(id)!
      .frontier()
      .find(([twin, number]) => number === device && twin.every((byte, i) => byte === by.twin[i]))?.[2]
  const meet = () => new Link(ada.spaces.replica, bea.spaces.replica).start()

  /** Ada has shown 41 entries, both have compacted, and her disk is as it was after the first. */
  async function setBack(keeper: 'ada' | 'bea'): Promise<void> {
    ;[ada, bea] = (await openTwins(2, { asksFirst: true })) as [TestReplica, TestReplica]
    forks = []
    const [maker, other] = keeper === 'ada' ? [ada, bea] : [bea, ada]
    id = (await maker.spaces.create({ kind: 'shared', name: 'shared', members: [other.twin] })).id
    const link = meet()
    await until(() => other.spaces.get(id)?.state === 'open')
    await settle(link)
    await tableOf(ada).put('before', text('1'))
    await until(() => seqOf(bea, ada) === 1)
    const old = await copyOf(ada.db)
    for (let n = 0; n < 40; n++) await tableOf(ada).put(`lost ${n}`, text(`${n}`))
    await until(() => seqOf(bea, ada) === 41)
    await settle(link)
    for (const one of [ada, bea]) expect((await spaceOf(one).compact()).reason).to.equal(undefined)
    await settle(link)
    expect((await spaceOf(bea).compact()).reason).to.equal(undefined)
    expect(spaceOf(bea).context.logs.find({ twin: ada.twin, device: 1 })!.base.seq).to.equal(41)
    link.cut()
    await ada.spaces.stop()
    ada = await openOn(old, ada)
    for (const { spaces } of [ada, bea]) spaces.on('fork', fork => void forks.push(fork))
  }

  const everything = Object.fromEntries([
    ['before', '1'],
    ...Array.from({ length: 40 }, (_, n) => [`lost ${n}`, `${n}`]),
    ['offline', 'x']
  ])

  for (const keeper of ['ada', 'bea'] as const) {
    describe(`in a space of which ${keeper === 'ada' ? 'it is the keeper' : 'another is the keeper'}`, () => {
      beforeEach(() => setBack(keeper))
      afterEach(async () => {
        for (const { spaces } of [ada, bea]) await spaces.stop()
      })

      it('shows nothing, makes no second history, and its owner is told', async () => {
        await tableOf(ada).put('offline', text('x'))
        const link = meet()
        await settle(link)
        await tableOf(ada).put('more', text('y'))
        await settle(link)
        link.cut()
        expect(forks).to.deep.equal([])
        expect(spaceOf(ada).review()).to.deep.include({ unshown: 2, behind: 40 })
        expect(seqOf(ada, ada)).to.equal(1)
      })

      it('goes on as a new device: nothing that anybody has is lost, and all have the same', async () => {
        await tableOf(ada).put('offline', text('x'))
        let link = meet()
        await settle(link)
        link.cut()
        ada = await asNewDevice(ada, 300)
        const deviceOf = (of: TestReplica) => of.init.directory.get(ada.twin)!.device(1)
        await until(() => ada.init.directory.get(ada.twin)!.isRevoked(1))
        expect(deviceOf(ada)?.revoked).to.equal(undefined)
        // As hello does, before anything is synced
        await bea.init.directory.receive(ada.twin, ada.init.directory.get(ada.twin)!.all())
        link = meet()
        await until(() => deviceOf(ada)?.revoked !== undefined)
        await settle(link)
        expect(deviceOf(ada)?.revoked?.cuts.find(({ space }) => equals(space, id))?.seq).to.equal(41)
        await bea.init.directory.receive(ada.twin, ada.init.directory.get(ada.twin)!.all())
        await settle(link)
        link.cut()
        expect(await rowsOf(bea)).to.deep.equal(everything)
        expect(await rowsOf(ada)).to.deep.equal(everything)
        expect(forks).to.deep.equal([])
        // A newcomer gets it too, from whoever keeps the space
        const [cid] = (await openTwins(1)) as [TestReplica]
        const keepers = keeper === 'ada' ? ada : bea
        for (const one of [ada, bea]) {
          await cid.init.directory.receive(one.twin, one.init.directory.get(one.twin)!.all())
          await one.init.directory.receive(cid.twin, cid.records)
        }
        await keepers.spaces.addMember(spaceOf(keepers), cid.twin)
        link = new Link(keepers.spaces.replica, cid.spaces.replica).start()
        await until(() => cid.spaces.get(id)?.state === 'open')
        while (Object.keys(await rowsOf(cid)).length < 42) await settle(link)
        link.cut()
        expect(await rowsOf(cid)).to.deep.equal(everything)
        await cid.spaces.stop()
      })
    })
  }
})
