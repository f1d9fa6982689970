import { expect } from 'chai'
import { Key } from 'interface-datastore'
import { Field } from './mesh.fixture.ts'
import { cachePeers } from './peer-cache.ts'

describe('peer cache', () => {
  const [peer, other] = [new Key('/peers/a'), new Key('/dht/b')]

  const scene = async () => {
    const rows = new Map<string, Uint8Array>()
    let reads = 0
    const disk = {
      get: async (key: Key) => {
        reads++
        const value = rows.get(key.toString())
        await Promise.resolve()
        if (value === undefined) throw Object.assign(new Error('Not found'), { name: 'NotFoundError' })
        return value
      },
      has: async (key: Key) => rows.has(key.toString()),
      put: async (key: Key, value: Uint8Array) => {
        await Promise.resolve()
        rows.set(key.toString(), value)
        return key
      },
      delete: async (key: Key) => void rows.delete(key.toString())
    }
    return { cached: cachePeers(disk as unknown as Parameters<typeof cachePeers>[0]), rows, reads: () => reads }
  }

  it('reads a peer from disk once, and everything else each time', async () => {
    const { cached, rows, reads } = await scene()
    rows.set('/peers/a', Uint8Array.of(1))
    rows.set('/dht/b', Uint8Array.of(2))
    for (const key of [peer, other, peer, other]) await cached.get(key)
    expect(reads()).to.equal(3)
  })

  it('gives what was written last, and nothing that was deleted', async () => {
    const { cached } = await scene()
    await cached.put(peer, Uint8Array.of(1))
    await cached.put(peer, Uint8Array.of(2))
    expect(await cached.get(peer)).to.deep.equal(Uint8Array.of(2))
    await cached.delete(peer)
    expect(await cached.has(peer)).to.equal(false)
    expect(await Promise.resolve(cached.get(peer)).catch(error => error.name)).to.equal('NotFoundError')
  })

  it('does not keep what was read while it was being written', async () => {
    const { cached, rows } = await scene()
    rows.set('/peers/a', Uint8Array.of(1))
    await Promise.all([cached.get(peer), cached.put(peer, Uint8Array.of(2))])
    expect(await cached.get(peer)).to.deep.equal(Uint8Array.of(2))
  })

  it('serves a mesh over a restart', async () => {
    const field = new Field()
    const home = await field.folder()
    const a = await field.mesh()
    const b = await field.mesh({ home, bootstrap: a.addresses() })
    await b.connect(a.peer)
    await b.stop()
    const again = await field.mesh({ home })
    expect(await again.addressesOf(a.peer)).to.include(a.addresses()[0]?.replace(`/p2p/${a.peer}`, ''))
    await field.close()
  })
})
