import type { Connection, MultiaddrConnection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { AddressShares } from './address-shares.ts'
import { bootstrapLimits } from './limits.ts'

describe('AddressShares', () => {
  /** Enough of a socket for the gater: an address, an end, and whether it was put an end to. */
  const socket = (address: string) => {
    const self = Object.assign(new EventTarget(), {
      remoteAddr: multiaddr(address),
      isAborted: false,
      abort: () => {
        self.isAborted = true
        self.dispatchEvent(new Event('close'))
      }
    })
    return self as unknown as MultiaddrConnection & { isAborted: boolean }
  }
  const peer = (id: string) => ({ toString: () => id }) as PeerId
  const shares = (limits: Partial<typeof bootstrapLimits>, connections: readonly Connection[] = []) =>
    new AddressShares({ limits: { ...bootstrapLimits, ...limits }, connections: () => connections })
  const begin = (made: AddressShares, addresses: readonly string[]) =>
    addresses.map(address => {
      const one = socket(address)
      expect(made.denyInboundConnection(one)).to.equal(false)
      return one
    })

  it('ends the oldest unfinished handshake of an address, with its neighbours, that has too many', () => {
    const made = shares({ maxPendingPerAddress: 2 })
    const flood = begin(made, ['/ip4/203.0.113.5/tcp/1', '/ip4/203.0.113.5/tcp/2', '/ip4/203.0.113.6/tcp/1'])
    const [honest] = begin(made, ['/ip4/192.0.2.1/tcp/1'])
    expect(flood.map(({ isAborted }) => isAborted)).to.deep.equal([true, false, false])
    expect(honest?.isAborted).to.equal(false)
    expect(made.pending).to.equal(3)
  })

  it('ends those of the greediest address when there are too many in all', () => {
    const made = shares({ maxPendingInbound: 3 })
    const flood = begin(made, ['/ip6/2001:db8:1::1/tcp/1', '/ip6/2001:db8:1::2/tcp/1'])
    const honest = begin(made, ['/ip6/2001:db8:2::1/tcp/1', '/ip4/192.0.2.1/tcp/1'])
    expect([...flood, ...honest].map(({ isAborted }) => isAborted)).to.deep.equal([true, false, false, false])
  })

  it('forgets handshakes that are over, and sockets that are closed', async () => {
    const made = shares({})
    const [first, second] = begin(made, ['/ip4/192.0.2.1/tcp/1', '/ip4/192.0.2.1/tcp/2'])
    expect(await made.denyInboundUpgradedConnection(peer('a'), first!)).to.equal(false)
    second?.abort(new Error('gone'))
    expect(made.pending).to.equal(0)
  })

  it('gives an address, and a peer, no more than its share of connections', async () => {
    const open = ['203.0.113.5', '203.0.113.6', '127.0.0.1', '127.0.0.1'].map(
      (host, i) => ({ remotePeer: peer('abde'[i]!), remoteAddr: multiaddr(`/ip4/${host}/tcp/1`) }) as Connection
    )
    const made = shares({ maxConnectionsPerAddress: 2, maxConnectionsPerPeer: 1 }, open)
    const isDenied = (id: string, address: string) => made.denyInboundUpgradedConnection(peer(id), socket(address))
    expect(await isDenied('c', '/ip4/203.0.113.9/tcp/1')).to.equal(true)
    expect(await isDenied('c', '/ip4/192.0.2.1/tcp/1')).to.equal(false)
    expect(await isDenied('c', '/ip4/127.0.0.1/tcp/1'), 'twins of this machine').to.equal(false)
    expect(await isDenied('a', '/ip4/192.0.2.1/tcp/1')).to.equal(true)
  })
})
