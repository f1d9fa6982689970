import { expect } from 'chai'
import { newPhrase } from '../../crdt/identity/index.ts'
import { keyValue } from '../../crdt/key-value/index.ts'
import { addDevice, exchange, give, openTwins, type TestReplica, text } from '../../crdt/spaces/replicas.fixture.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { type Client, channelPair, createClient, createServer } from '../core/index.ts'
import { World } from '../twins.fixture.ts'
import devicesCompliance, { all } from './compliance.ts'
import { devices } from './index.ts'
import { devicesProtocol } from './protocol.ts'

/** The owner at one device of a twin, without the rest of it. */
function ownerAt({ init, spaces }: TestReplica): Client<typeof devicesProtocol> {
  const { me, directory } = init
  const server = createServer({ services: [devices()({ me, directory, spaces })] })
  return createClient(devicesProtocol, channelPair(server, { class: 'owner' }))
}

/** Brings a device list to others, as hello and sync do. */
async function tell(from: TestReplica, ...to: readonly TestReplica[]): Promise<void> {
  for (const other of to) {
    await other.init.directory.receive(from.twin, from.init.directory.get(from.twin)!.since())
  }
}

describe('devices', () => {
  devicesCompliance(async () => {
    const world = new World()
    const ann = await world.add('Ann')
    return {
      owner: ann.devices,
      addDevice: async () => {
        const { spaces } = await addDevice({ ...ann.made, spaces: ann.spaces }, 2)
        const { device } = spaces.replica.self
        await spaces.stop()
        return device
      },
      stop: () => world.stop()
    }
  })

  it('tells how much of a revoked device counts, and what arrived too late', async () => {
    const [home, friend] = (await openTwins(2)) as [TestReplica, TestReplica]
    const phone = await addDevice(home, 2, [home, friend], { scopes: [] })
    await exchange(home, phone)
    const space = await home.spaces.create({ kind: 'shared', name: 'k', members: [friend.twin] })
    await exchange(home, phone, friend)
    const table = keyValue(phone.spaces.get(space.id)!, 'k')
    await table.put('a', text('in time'))
    await give(phone, home)
    await table.put('b', text('too late'))
    await give(phone, friend)
    const answer = await ownerAt(home).revoke({ number: 2 })
    expect(answer).to.include({ revocation: 'recorded', kept: 1 })
    await tell(home, friend)
    await exchange(home, friend)
    await friend.spaces.get(space.id)!.flush()
    const late = friend.spaces.get(space.id)!.review().logs
    expect(late.map(({ cut }) => cut)).to.deep.equal([1])
  })

  it('another device says it on sight, and who keeps the list records it', async () => {
    const [home] = (await openTwins(1)) as [TestReplica]
    await addDevice(home, 2, [home])
    const tablet = await addDevice(home, 3, [home])
    const answer = await ownerAt(tablet).revoke({ number: 2 })
    expect(answer.revocation).to.equal('on-sight')
    expect(answer.note).to.match(/test \(1\) keeps the device list/)
    expect((await all(ownerAt(tablet)))[1]).to.include({ state: 'revoked' })
    const recorded = new Promise<void>(resolve => {
      const stop = home.init.directory.onChange(({ list }) => {
        if (list.device(2)?.revoked === undefined) return
        stop()
        resolve()
      })
    })
    await tell(tablet, home)
    await recorded
    expect((await all(ownerAt(home)))[1]).to.include({ state: 'revoked', kept: 0 })
  })

  it('a keeper that was lost is revoked at once, and taken over by a record that the owner key signed', async () => {
    const [home] = (await openTwins(1)) as [TestReplica]
    const tablet = await addDevice(home, 2, [home])
    const owner = ownerAt(tablet)
    const answer = await owner.revoke({ number: 1 })
    expect(answer.revocation).to.equal('on-sight')
    expect(answer.note).to.match(/take that over with your 24 words/)
    const { directory, me } = tablet.init
    // What the command line does with the list it reads over this contract
    const records = []
    for await (const { record } of owner.records({})) records.push(record)
    const { DeviceList } = await import('../../crdt/identity/index.ts')
    const copy = await DeviceList.read({ twin: me.twin, crypto: nodeCrypto() }, records)
    const { bytes } = await copy.takeOver(me.signer.publicKey, tablet.owner, Date.now())
    expect(await owner.takeOver({ record: bytes })).to.deep.equal({ keeper: 2 })
    expect(await owner.revoke({ number: 1 })).to.include({ number: 1, revocation: 'recorded' })
    expect(directory.get(me.twin)!.device(1)!.revoked).to.not.equal(undefined)
    const items = await all(owner)
    expect(items.map(({ number, keeper, state }) => ({ number, keeper, state }))).to.deep.equal([
      { number: 1, keeper: false, state: 'revoked' },
      { number: 2, keeper: true, state: 'this' }
    ])
  })

  it('only who keeps the list renames, and the other device is named', async () => {
    const [home] = (await openTwins(1)) as [TestReplica]
    const tablet = await addDevice(home, 2, [home])
    const refused = await ownerAt(tablet)
      .rename({ number: 2, name: 'tablet' })
      .catch(error => error)
    expect(refused).to.include({ code: 'FailedPrecondition' })
    expect(refused.message).to.match(/test \(1\) keeps the device list/)
  })

  it('a device without the right to administer revokes nothing', async () => {
    const [home] = (await openTwins(1)) as [TestReplica]
    const phone = await addDevice(home, 2, [home], { scopes: [] })
    const refused = await ownerAt(phone)
      .revoke({ number: 1 })
      .catch(error => error)
    expect(refused).to.include({ code: 'FailedPrecondition' })
    expect(phone.init.directory.get(home.twin)!.isRevoked(1)).to.equal(false)
  })
})

describe('takeOverRecord()', () => {
  it('signs for the twin of the phrase only, and only when there is something to take over', async () => {
    const { takeOverRecord } = await import('../../node/take-over.ts')
    const [home] = (await openTwins(1)) as [TestReplica]
    const records = home.init.directory.get(home.twin)!.all()
    const phrase = newPhrase(nodeCrypto())
    const refused = await takeOverRecord({ phrase, records, number: 1 }).catch(error => error)
    expect(refused.message).to.match(/another twin/)
  })
})
