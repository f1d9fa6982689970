import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { type Caller, type Channel, silentLogger } from '../core/index.ts'
import { MetPeers, type MetPeersInit } from './met-peers.ts'

const peer = '12D3KooWJ7sKGTbmThFP5zBKWM8sa6AHPd8uHZTTjYbnWmVqsD7L'
const relayed = `/ip4/192.0.2.1/tcp/4001/p2p/${peer}/p2p-circuit/p2p/${peer}`
const direct = `/ip4/192.0.2.2/tcp/4001/p2p/${peer}`

/** Connections with one contact, which a spec opens, and the sessions that follow from them. */
function meet(callerOf: (connection: Connection) => Promise<Caller> = async () => contact) {
  const events = new EventTarget()
  const connections: Connection[] = []
  /** Whether each session ran over a relay */
  const sessions: boolean[] = []
  const waiting: (() => void)[] = []
  const node = Object.assign(events, { peerId: { toString: () => '0' } }) as unknown as MetPeersInit['node']
  const met = new MetPeers({
    node,
    connectionsWith: () => connections,
    channelTo: () => ({ relayed: !connections.some(({ direct }) => direct) }) as Channel,
    hello: { greet: async () => {}, callerOf, disconnected: () => {} },
    syncWith: (_, channel, signal) =>
      new Promise(resolve => {
        sessions.push(channel.relayed)
        signal.addEventListener('abort', () => resolve(), { once: true })
        waiting.shift()?.()
      }),
    log: silentLogger
  })
  met.follow(
    () => {},
    () => {}
  )
  met.callers.set(peer, contact)
  const open = (address: string) => {
    const connection = {
      id: String(connections.length),
      status: 'open',
      direction: 'inbound',
      direct: address === direct,
      remotePeer: { toString: () => peer },
      remoteAddr: multiaddr(address)
    } as unknown as Connection
    connections.push(connection)
    events.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
  }
  const next = () => new Promise<void>(resolve => waiting.push(resolve))
  /** The first connection, and the session over it */
  const begin = async (address: string) => {
    open(address)
    const session = next()
    met.links.connected(peer)
    await session
  }
  return { met, open, sessions, next, begin }
}

const contact: Caller = { class: 'contact', peer, twin: 'somebody', device: 1 }

describe('MetPeers', () => {
  it('a session over a relay goes on over a direct path as soon as one stands', async () => {
    const { met, open, sessions, next, begin } = meet()
    await begin(relayed)
    const session = next()
    open(direct)
    await session
    expect(sessions).deep.equal([true, false])
    await met.stop()
  })

  it('not before the peer is known there', async () => {
    let know = () => {}
    const known = new Promise<void>(resolve => {
      know = resolve
    })
    let asked = () => {}
    const isAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    const { met, open, sessions, next, begin } = meet(async connection => {
      if (!connection.direct) return contact
      asked()
      await known
      return contact
    })
    await begin(relayed)
    const session = next()
    open(direct)
    await isAsked
    expect(met.links.running()).deep.equal([peer])
    expect(sessions).deep.equal([true])
    know()
    await session
    expect(sessions).deep.equal([true, false])
    await met.stop()
  })

  it('a session stays where it is when another relayed path opens, and a direct one when another does', async () => {
    const { met, open, sessions, begin } = meet()
    await begin(direct)
    open(relayed)
    open(direct)
    await new Promise(resolve => setImmediate(resolve))
    expect(sessions).deep.equal([false])
    expect(met.links.running()).deep.equal([peer])
    await met.stop()
  })
})
