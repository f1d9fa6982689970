import { expect } from 'chai'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { nodeCrypto } from '../../node/crypto.ts'
import { DeviceDirectory, type DeviceListStore, type DirectoryChange } from './device-directory.ts'
import { DeviceList } from './device-list.ts'
import { fixedDeviceKeys, fixedTwin, otherPhrase, rejection, start } from './identity.fixture.ts'

const crypto = nodeCrypto()
const phone = fixedDeviceKeys(crypto, 21)

class MemoryStore implements DeviceListStore {
  readonly lists = new Map<string, readonly Uint8Array[]>()
  isBroken = false

  get(twin: Uint8Array): readonly Uint8Array[] | undefined {
    return this.lists.get(bytesToString(twin, 'hex'))
  }

  async put(twin: Uint8Array, envelopes: readonly Uint8Array[]): Promise<void> {
    if (this.isBroken) throw new Error('The disk is full')
    this.lists.set(bytesToString(twin, 'hex'), [...envelopes])
  }
}

async function setup() {
  const store = new MemoryStore()
  const directory = new DeviceDirectory({ crypto, store })
  const john = await fixedTwin(crypto)
  const changes: DirectoryChange[] = []
  directory.onChange(change => changes.push(change))
  return { store, directory, john, changes, ...john }
}

describe('device directory', () => {
  it('knows a list once it received one, also after a restart', async () => {
    const { store, directory, twin, list } = await setup()
    expect(directory.get(twin)).to.equal(undefined)
    expect(await directory.load(twin)).to.equal(undefined)
    expect(await directory.receive(twin, list.since())).to.equal('newer')
    expect(await directory.receive(twin, list.since())).to.equal('same')
    const restarted = new DeviceDirectory({ crypto, store })
    expect((await restarted.load(twin))?.head).to.deep.equal(list.head)
    expect(restarted.get(twin)?.head).to.deep.equal(list.head)
  })

  it('tells what a change has revoked, after it was stored', async () => {
    const { store, directory, twin, list, first, certify, changes } = await setup()
    await list.add(await certify(phone, { number: 2 }), first.signing, start)
    await directory.receive(twin, list.since())
    await list.revoke(2, [], first.signing, start)
    directory.onChange(() => expect(store.get(twin)).to.have.length(3))
    expect(await directory.receive(twin, list.since())).to.equal('newer')
    expect(changes.map(({ revoked }) => revoked)).to.deep.equal([[], [2]])
  })

  it('answers older for what a later term has overruled, and refused for what does not verify', async () => {
    const { directory, twin, list, owner, first, certify } = await setup()
    const before = list.all()
    const stale = await DeviceList.read({ twin, crypto }, before)
    await stale.add(await certify(phone, { number: 2 }), first.signing, start)
    await list.takeOver(first.signing.publicKey, owner, start)
    await directory.receive(twin, list.since())
    expect(await directory.receive(twin, stale.since())).to.equal('older')
    const other = await fixedTwin(crypto, otherPhrase)
    expect(await directory.receive(twin, other.list.since())).to.equal('refused')
    expect(await directory.receive(other.twin, list.since())).to.equal('refused')
    expect(directory.get(other.twin)).to.equal(undefined)
  })

  it('decide() stores what it decides before it counts and announces it after', async () => {
    const { store, directory, twin, list, first, certify, changes } = await setup()
    await directory.adopt(list)
    const certificate = await certify(phone, { number: 2 })
    await directory.decide(twin, kept => kept.add(certificate, first.signing, start))
    expect(store.get(twin)).to.have.length(2)
    expect(changes).to.have.length(2)
    expect(directory.withTransport(phone.transport.publicKey).map(({ twin }) => twin)).to.deep.equal([twin])
  })

  it('a decision that could not be stored does not count, here or after a restart', async () => {
    const { store, directory, twin, list, first, certify } = await setup()
    await directory.adopt(list)
    store.isBroken = true
    const certificate = await certify(phone, { number: 2 })
    const decision = directory.decide(twin, kept => kept.add(certificate, first.signing, start))
    expect(await rejection(decision)).to.match(/written down/)
    expect(directory.get(twin)?.device(2)).to.equal(undefined)
    const restarted = new DeviceDirectory({ crypto, store })
    expect((await restarted.load(twin))?.device(2)).to.equal(undefined)
    store.isBroken = false
    expect(await rejection(directory.decide(twin, kept => kept.add(certificate, first.signing, start)))).to.match(
      /taken|Impossible/
    )
    expect(directory.get(twin)?.device(2)).to.have.property('number', 2)
  })

  it('a decision that was stored without an answer is not decided a second time', async () => {
    const { store, directory, twin, list, first, certify } = await setup()
    await directory.adopt(list)
    const put = store.put.bind(store)
    store.put = async (of, envelopes) => {
      await put(of, envelopes)
      throw new Error('No answer')
    }
    const certificate = await certify(phone, { number: 2 })
    const add = () => directory.decide(twin, kept => kept.add(certificate, first.signing, start))
    expect(await rejection(add())).to.match(/written down/)
    store.put = put
    expect(await rejection(add())).to.match(/not accepted/)
    expect(directory.get(twin)?.device(2)).to.have.property('number', 2)
    expect(directory.get(twin)?.proof).to.equal(undefined)
  })

  it('a received change that could not be stored is not passed on', async () => {
    const { store, directory, twin, list, first, certify, changes } = await setup()
    await directory.adopt(list)
    await list.add(await certify(phone, { number: 2 }), first.signing, start)
    store.isBroken = true
    expect(await rejection(directory.receive(twin, list.since()))).to.match(/could not be stored/)
    expect(changes).to.have.length(1)
    store.isBroken = false
    expect((await directory.load(twin))?.device(2)).to.equal(undefined)
    expect(await directory.receive(twin, list.since())).to.equal('newer')
  })

  it('survives a restart between a revocation on sight and its record', async () => {
    const { store, directory, twin, list, first, certify } = await setup()
    await list.add(await certify(phone, { number: 2 }), first.signing, start)
    await directory.adopt(list)
    await directory.decide(twin, kept => kept.revokeOnSight(2, first.signing, start))
    expect((await new DeviceDirectory({ crypto, store }).load(twin))?.isRevoked(2)).to.equal(true)
    await directory.decide(twin, kept => kept.revoke(2, [], first.signing, start))
    expect((await new DeviceDirectory({ crypto, store }).load(twin))?.device(2)?.revoked?.at).to.equal(start)
  })

  it('refuses a stored list that was damaged, and says so', async () => {
    const { store, directory, twin, list } = await setup()
    await directory.adopt(list)
    const damaged = list.all()[0]!.slice()
    damaged[100]! ^= 1
    await store.put(twin, [damaged])
    expect(await rejection(new DeviceDirectory({ crypto, store }).load(twin))).to.match(/does not verify/)
  })

  it('lacks() a head that is newer, of another branch or of an unknown twin', async () => {
    const { directory, twin, list } = await setup()
    const [term, seq, hash] = list.head!
    expect(directory.lacks([twin, term, seq, hash])).to.equal(true)
    await directory.adopt(list)
    expect(directory.lacks([twin, term, seq, hash])).to.equal(false)
    expect(directory.lacks([twin, term, seq + 1, hash])).to.equal(true)
    expect(directory.lacks([twin, term + 1, 0, hash])).to.equal(true)
    expect(directory.lacks([twin, term, seq, new Uint8Array(32)])).to.equal(true)
    expect(directory.heads([twin, new Uint8Array(32)])).to.deep.equal([[twin, term, seq, hash]])
  })

  it('keeps the newest when an unknown list comes from several sides at once', async () => {
    const { store, directory, twin, list, first, certify } = await setup()
    const older = list.since()
    await list.add(await certify(phone, { number: 2 }), first.signing, start)
    const put = store.put.bind(store)
    store.put = async (of, envelopes) => {
      // Storing the older one takes longer
      for (let turn = 0; envelopes.length === 1 && turn < 50; turn++) await new Promise(setImmediate)
      await put(of, envelopes)
    }
    await Promise.all([older, list.since(), older].map(records => directory.receive(twin, records)))
    expect(directory.get(twin)?.head).to.deep.equal(list.head)
    expect(store.get(twin)).to.have.length(2)
  })

  it('takes changes of one twin one after the other', async () => {
    const { directory, twin, list, first, certify } = await setup()
    await directory.adopt(list)
    const keys = [31, 32, 33, 34].map(seed => fixedDeviceKeys(crypto, seed))
    const certificates = await Promise.all(keys.map((device, index) => certify(device, { number: 2 + index })))
    await Promise.all(
      certificates.map(certificate => directory.decide(twin, kept => kept.add(certificate, first.signing, start)))
    )
    expect(directory.get(twin)?.devices()).to.have.length(5)
    expect(directory.get(twin)?.proof).to.equal(undefined)
  })
})
