import { expect } from 'chai'
import { LevelDatastore } from 'datastore-level'
import { Key } from 'interface-datastore'
import { MemoryLevel } from 'memory-level'
import { cachePeers } from './index.ts'

describe('peer cache', () => {
  const [peer, other] = [new Key('/peers/a'), new Key('/dht/b')]

  const scene = () => {
    // LevelDatastore takes an open database as well as a path
    const disk = new LevelDatastore(new MemoryLevel<string, Uint8Array>({ valueEncoding: 'view' }) as never)
    const { datastore, flush } = cachePeers(disk)
    const names = async () => {
      const found: string[] = []
      for await (const { key } of datastore.query({ prefix: '/' })) found.push(key.toString())
      return found
    }
    return { disk, datastore, flush, names }
  }
  const missing = async (reading: unknown) => Promise.resolve(reading).catch(error => error.name)

  it('gives what was written last at once, and the disk gets it when it is flushed', async () => {
    const { disk, datastore, flush } = scene()
    await datastore.put(peer, Uint8Array.of(1))
    await datastore.put(peer, Uint8Array.of(2))
    expect(await datastore.get(peer)).to.deep.equal(Uint8Array.of(2))
    expect(await datastore.has(peer)).to.equal(true)
    expect(await disk.has(peer)).to.equal(false)
    await flush()
    expect(await disk.get(peer)).to.deep.equal(Uint8Array.of(2))
  })

  it('writes everything else through', async () => {
    const { disk, datastore } = scene()
    await datastore.put(other, Uint8Array.of(1))
    expect(await disk.get(other)).to.deep.equal(Uint8Array.of(1))
    await datastore.delete(other)
    expect(await missing(datastore.get(other))).to.equal('NotFoundError')
  })

  it('forgets what is deleted, also while it is being written', async () => {
    const { disk, datastore, flush } = scene()
    await datastore.put(peer, Uint8Array.of(1))
    const flushing = flush()
    await datastore.delete(peer)
    await flushing
    await flush()
    expect(await disk.has(peer)).to.equal(false)
    expect(await missing(datastore.get(peer))).to.equal('NotFoundError')
  })

  it('counts unwritten rows in a query', async () => {
    const { datastore, names } = scene()
    await datastore.put(peer, Uint8Array.of(1))
    await datastore.put(other, Uint8Array.of(2))
    expect(await names()).to.have.members(['/peers/a', '/dht/b'])
  })

  it('holds no more rows than it should, and loses none', async () => {
    const { datastore, flush, names } = scene()
    for (let i = 0; i < 2500; i++) await datastore.put(new Key(`/peers/${i}`), Uint8Array.of(i % 256))
    await flush()
    for (let i = 0; i < 2500; i += 100)
      expect(await datastore.get(new Key(`/peers/${i}`))).to.deep.equal(Uint8Array.of(i % 256))
    expect(await names()).to.have.length(2500)
  })
})
