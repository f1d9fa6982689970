import type { KadDHT } from '@libp2p/kad-dht'
import { expect } from 'chai'
import { unmarshalIPNSRecord } from 'ipns'
import { ipnsSelector } from 'ipns/selector'
import { ipnsValidator } from 'ipns/validator'
import { kadSettings, routingKey } from '../../protocols/kad/index.ts'
import { dhtServer } from './dht.fixture.ts'
import { Field, type Key, newKey, ownerRecord, until } from './mesh.fixture.ts'

describe('reading records from a hostile DHT', () => {
  let field: Field
  beforeEach(() => {
    field = new Field()
  })
  afterEach(async () => {
    await field.close()
  })

  /** Stores what is not newer than `newest` and refuses everything else, corrections included. */
  const staleServer = (newest: bigint) =>
    dhtServer(field, {
      ...kadSettings,
      validators: {
        ipns: async (key, value) => {
          await ipnsValidator(key, value)
          if (unmarshalIPNSRecord(value).sequence > newest) throw new Error('I like the old one better')
        }
      },
      selectors: { ipns: ipnsSelector }
    })

  const put = async (dht: KadDHT, owner: Key, record: Uint8Array) => {
    for await (const _ of dht.put(routingKey(owner.public), record)) if (field === undefined) return
  }

  async function scene() {
    const [owner, oldDevice, newDevice] = [await newKey(), await newKey(), await newKey()]
    const stale = await staleServer(1n)
    const honest = await field.mesh()
    const bootstrap = [stale.getMultiaddrs()[0]?.toString() ?? '', honest.addresses()[0] ?? '']
    const publisher = await field.mesh({ bootstrap })
    await until(() => publisher.peers().length === 2)
    await put(publisher.node.services.dht, owner, await ownerRecord(owner, [oldDevice], 1n))
    await put(publisher.node.services.dht, owner, await ownerRecord(owner, [newDevice], 2n))
    return { owner, newDevice, honest, publisher, bootstrap }
  }

  it('takes the newest record although a peer keeps an old one and refuses the correction', async () => {
    const { owner, newDevice, bootstrap } = await scene()
    const reader = await field.mesh({ bootstrap })
    await until(() => reader.peers().length === 2)
    const { devices } = await reader.find(owner.id)
    expect(devices.map(({ device }) => device)).to.deep.equal([newDevice.id])
  })

  it('asks those it trusts directly, whatever becomes of the query', async () => {
    const { owner, newDevice, honest } = await scene()
    const reader = await field.mesh({ bootstrap: [honest.addresses()[0] ?? ''] })
    await until(() => reader.peers().length >= 1)
    // Everybody the query meets is hostile, and never answers
    reader.node.services.dht.get = async function* (_key, options) {
      await new Promise(resolve => options?.signal?.addEventListener('abort', resolve))
      yield* []
    }
    const { devices } = await reader.find(owner.id)
    expect(devices.map(({ device }) => device)).to.deep.equal([newDevice.id])
  })

  it('is not rolled back when only the stale peer is left', async () => {
    const { owner, newDevice, honest, publisher, bootstrap } = await scene()
    const reader = await field.mesh({ bootstrap })
    await until(() => reader.peers().length === 2)
    await reader.find(owner.id)
    await Promise.all([honest.stop(), publisher.stop()])
    await until(() => reader.peers().length === 1)
    const { devices } = await reader.find(owner.id)
    expect(devices.map(({ device }) => device)).to.deep.equal([newDevice.id])
  })

  it('believes nothing older than an invite named, even at first contact', async () => {
    const [owner, oldDevice] = [await newKey(), await newKey()]
    const stale = await staleServer(1n)
    const bootstrap = stale.getMultiaddrs().map(String)
    const publisher = await field.mesh({ bootstrap })
    await until(() => publisher.peers().length === 1)
    await put(publisher.node.services.dht, owner, await ownerRecord(owner, [oldDevice], 1n))
    await publisher.stop()

    const reader = await field.mesh({ bootstrap })
    await until(() => reader.peers().length === 1)
    await reader.expectSequence(owner.id, 2n)
    const signal = AbortSignal.timeout(3000)
    const error = await reader.find(owner.id, { signal }).catch(reason => reason)
    expect(error).to.have.property('code', 'TwinNotFound')

    const trusting = await field.mesh({ bootstrap })
    await until(() => trusting.peers().length === 1)
    expect((await trusting.find(owner.id)).devices.map(({ device }) => device)).to.deep.equal([oldDevice.id])
  })

  it('refuses a record that another key signed', async () => {
    const [owner, thief, device] = [await newKey(), await newKey(), await newKey()]
    const lax = await dhtServer(field, {
      ...kadSettings,
      validators: { ipns: () => {} },
      selectors: { ipns: ipnsSelector }
    })
    const helper = await dhtServer(field, {
      ...kadSettings,
      validators: { ipns: () => {} },
      selectors: { ipns: ipnsSelector }
    })
    await helper.dial(lax.getMultiaddrs())
    await put(helper.services.dht, owner, await ownerRecord(thief, [device]))
    const reader = await field.mesh({ bootstrap: lax.getMultiaddrs().map(String) })
    await until(() => reader.peers().length > 0)
    const error = await reader.find(owner.id, { signal: AbortSignal.timeout(3000) }).catch(reason => reason)
    expect(error).to.have.property('code', 'TwinNotFound')
  })
})
