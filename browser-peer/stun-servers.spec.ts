import { expect } from 'chai'
import { limits } from './limits.ts'
import { stunServers } from './stun-servers.ts'

describe('stunServers()', () => {
  const relay = '/p2p/12D3KooWGGbydTc6cwLi9AegYGCAoemLLBf5Yj1qDo7ZXEqbkE5d'

  it('asks relays by the number of their TCP port, each once, and not on this machine', () => {
    const relays = ['127.0.0.1', '192.168.1.7', '203.0.113.5', '203.0.113.5'].map(ip => `/ip4/${ip}/tcp/4001${relay}`)
    expect(stunServers(relays)).deep.equal([{ urls: 'stun:192.168.1.7:4001' }, { urls: 'stun:203.0.113.5:4001' }])
  })

  it('asks nobody where no relay is known, or only its WebSocket', () => {
    expect(stunServers([])).deep.equal([])
    expect(stunServers([`/ip4/203.0.113.5/tcp/4002/ws${relay}`])).deep.equal([])
  })

  it('asks few', () => {
    const many = Array.from({ length: 20 }, (_, at) => `/ip4/203.0.113.${at}/tcp/4001${relay}`)
    expect(stunServers(many)).length(limits.maxStunServers)
  })
})
