import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { Record as DhtRecord } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'chai'
import { LevelDatastore } from 'datastore-level'
import { Key } from 'interface-datastore'
import { MemoryLevel } from 'memory-level'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { guardRecords, RecordRefusedError, routingKey, signIpnsRecord } from './index.ts'

describe('record store', () => {
  const open = async (maxRecords = 100, maxBytes = 1_000_000, datastore = memory()) => {
    const self = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32)))
    return { datastore, guarded: guardRecords(datastore, { self, datastorePrefix: '/dht', maxRecords, maxBytes }) }
  }
  // LevelDatastore takes an open database as well as a path
  const memory = () => new LevelDatastore(new MemoryLevel<string, Uint8Array>({ valueEncoding: 'view' }) as never)

  const row = async (seed: number, sequence = 1n) => {
    const secret = new Uint8Array(32).fill(seed)
    const key = routingKey((await generateKeyPairFromSeed('Ed25519', secret)).publicKey.raw)
    const record = await signIpnsRecord({ secret, payload: Uint8Array.of(1), sequence, lifetimeMs: 60_000 })
    const value = new DhtRecord(key, record, new Date()).serialize()
    return {
      key: new Key(`/dht/record/${bytesToText(key, 'base32')}`, false),
      value: Uint8Array.from(value.subarray())
    }
  }

  it('keeps a newer record and refuses an older one', async () => {
    const { guarded } = await open()
    const [older, newer] = [await row(1, 1n), await row(1, 2n)]
    await guarded.put(older.key, older.value)
    await guarded.put(newer.key, newer.value)
    expect(await Promise.resolve(guarded.put(older.key, older.value)).catch(error => error)).to.be.instanceOf(
      RecordRefusedError
    )
    expect(await guarded.get(newer.key)).to.deep.equal(newer.value)
    await guarded.put(newer.key, newer.value)
  })

  it('cannot be rolled back by two writers at once', async () => {
    const { guarded } = await open()
    const rows = [await row(1, 1n), await row(1, 3n), await row(1, 2n)]
    await Promise.allSettled(rows.map(({ key, value }) => guarded.put(key, value)))
    const key = rows[1]?.key ?? new Key('/')
    expect(await guarded.get(key)).to.deep.equal(rows[1]?.value)
  })

  it('keeps what is closest to the node when it is full, over a restart too', async () => {
    const { guarded, datastore } = await open(3)
    const rows = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(seed => row(seed)))
    await Promise.allSettled(rows.slice(0, 5).map(({ key, value }) => guarded.put(key, value)))
    const again = (await open(3, 1_000_000, datastore)).guarded
    await Promise.allSettled(rows.slice(5).map(({ key, value }) => again.put(key, value)))
    const kept = await names(datastore)
    expect(kept).to.have.length(3)

    const roomy = await open(8)
    for (const { key, value } of rows) await roomy.guarded.put(key, value)
    const other = await open(3)
    for (const { key, value } of rows.toReversed()) await Promise.resolve(other.guarded.put(key, value)).catch(() => {})
    expect(await names(other.datastore), 'whatever the order').to.have.members(kept)
  })

  it('counts bytes as well as records', async () => {
    const first = await row(1)
    const { guarded, datastore } = await open(100, first.value.byteLength * 2 + 50)
    const rows = await Promise.all([1, 2, 3, 4].map(seed => row(seed)))
    await Promise.allSettled(rows.map(({ key, value }) => guarded.put(key, value)))
    expect(await names(datastore)).to.have.length(2)
  })

  it('keeps no provider entries and lets everything else through', async () => {
    const { guarded, datastore } = await open()
    await guarded.put(new Key('/dht/provider/abc/def'), Uint8Array.of(1))
    await guarded.put(new Key('/peers/abc'), Uint8Array.of(2))
    expect(await datastore.has(new Key('/dht/provider/abc/def'))).to.equal(false)
    expect(await guarded.get(new Key('/peers/abc'))).to.deep.equal(Uint8Array.of(2))
  })

  async function names(datastore: LevelDatastore): Promise<string[]> {
    const found: string[] = []
    for await (const key of datastore.queryKeys({ prefix: '/dht/record/' })) found.push(key.toString())
    return found
  }
})
