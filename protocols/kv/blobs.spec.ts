import { expect } from 'chai'
import { createClient, defineProtocol } from '../core/index.ts'
import { World } from '../twins.fixture.ts'
import { codeOf } from './compliance-steps.ts'
import { kvProtocol } from './protocol.ts'

const { putBlob: _, ...methods } = kvProtocol.methods
const firstKv = defineProtocol({ ...kvProtocol, version: '1.0', methods })

describe('kv with blobs', () => {
  it('tells a client of 1.0 that a value is too large for it, and leaves it out of lists', async () => {
    const world = new World()
    const ann = await world.add('Ann')
    await ann.kv.put({ key: 'colour', value: 'red' })
    await ann.kv.putBlob({ key: 'photo', blob: await ann.putFile('garden.txt') })
    const old = createClient(firstKv, ann.as('owner'))
    expect(await codeOf(old.get({ key: 'photo' }))).to.equal('FailedPrecondition')
    const keys = []
    for await (const { key } of old.list({})) keys.push(key)
    expect(keys).to.deep.equal(['colour'])
    await world.stop()
  })

  it('moves blobs with the rest into a share', async () => {
    const world = new World()
    const ann = await world.add('Ann')
    const blob = await ann.putFile('garden.txt')
    await ann.kv.putBlob({ key: 'photo', blob, space: 'house' })
    const ben = await world.add('Ben')
    const { link } = await ben.owner.invite({})
    await ann.owner.add({ who: link, name: 'Ben' })
    await ann.kv.share({ namespace: 'house', who: 'Ben' })
    expect(await ann.kv.get({ key: 'photo', space: 'house' })).to.deep.include({ blob })
    expect(await ann.blobsHere.isReferred(blob.address)).to.equal(true)
    await world.stop()
  })
})
