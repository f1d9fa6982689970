import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { NewsFilter } from './news-filter.ts'

describe('news filter', () => {
  const peer = async (seed: number, ...addresses: string[]) => ({
    id: peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed))),
    multiaddrs: addresses.map(address => multiaddr(address))
  })

  it('lets a peer pass once, and again when its addresses changed or it is long ago', async () => {
    let now = 0
    const filter = new NewsFilter(() => now)
    const [here, there] = ['/ip4/192.0.2.1/tcp/1', '/ip4/192.0.2.2/tcp/1']
    expect(filter.isNews(await peer(1, here, there))).to.equal(true)
    expect(filter.isNews(await peer(1, there, here)), 'in another order').to.equal(false)
    expect(filter.isNews(await peer(2, here, there))).to.equal(true)
    expect(filter.isNews(await peer(1, here))).to.equal(true)
    now = 600_000
    expect(filter.isNews(await peer(1, here))).to.equal(true)
  })
})
