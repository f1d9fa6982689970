import { expect } from 'chai'
import { routingKey } from '../../protocols/kad/index.ts'
import { Field, newKey, recordsOf, until } from './mesh.fixture.ts'

describe('publishing', () => {
  let field: Field
  beforeEach(() => {
    field = new Field()
  })
  afterEach(async () => {
    await field.close()
  })

  async function scene() {
    const meeting = await field.mesh()
    const bootstrap = meeting.addresses()
    const [owner, device] = [await newKey(), await newKey()]
    const mesh = await field.mesh({ bootstrap, transportKey: device.secret })
    await until(() => mesh.peers().length > 0)
    return { bootstrap, mesh, owner, device, dht: mesh.node.services.dht }
  }

  it('hands records to the meeting point at once, however long the walk to the closest peers takes', async () => {
    const { bootstrap, mesh, owner, device, dht } = await scene()
    const walks: unknown[] = []
    dht.put = async function* (key, _value, options) {
      walks.push(key)
      await new Promise(resolve => options?.signal?.addEventListener('abort', resolve))
      yield* []
    }
    await mesh.publish(await recordsOf(owner, device))
    const reader = await field.mesh({ bootstrap })
    await until(() => reader.peers().length > 0)
    const { devices } = await reader.find(owner.id)
    expect(devices).to.have.lengthOf(1)
    expect(devices[0]?.addresses).to.include(mesh.addresses()[0])
    expect(walks).to.have.lengthOf(2)
  })

  it('puts again what nobody took, and nothing that was taken', async () => {
    const { mesh, owner, device, dht } = await scene()
    const put = dht.put.bind(dht)
    const refused: string[] = []
    const taken: string[] = []
    dht.put = async function* (key) {
      refused.push(key.join())
      yield* []
      throw new Error('Nobody takes it')
    }
    await mesh.publish(await recordsOf(owner, device))
    const ofDevice = routingKey(device.public).join()
    const ofOwner = routingKey(owner.public).join()
    await until(() => refused.includes(ofDevice) && refused.includes(ofOwner))
    dht.put = async function* (key, value, options) {
      taken.push(key.join())
      yield* put(key, value, options)
    }
    // Only the record of the device is new in this round, and in the next
    mesh.republish()
    await until(() => taken.includes(ofDevice) && taken.includes(ofOwner))
    const before = taken.length
    mesh.republish()
    await until(() => taken.length > before)
    expect(taken.slice(before)).to.deep.equal([ofDevice])
  })
})
