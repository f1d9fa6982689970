import type { Connection } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { newKey } from '../../node/mesh/mesh.fixture.ts'
import { classifyAddress, compareAddresses } from './address-class.ts'
import { NoPathError, PathRace } from './path-race.ts'

const loopback = multiaddr('/ip4/127.0.0.1/tcp/1')
const lan = multiaddr('/ip4/192.168.1.2/tcp/1')
const web = multiaddr('/ip4/8.8.8.8/tcp/2/ws')
const open = multiaddr('/ip4/8.8.8.8/tcp/1')

describe('path race', () => {
  /** A dial that ends as `results` says; an address that is not in it never answers. */
  const scene = (results: ReadonlyMap<Multiaddr, 'up' | 'down' | 'refused'>, signal = AbortSignal.timeout(5000)) => {
    const dialled: Multiaddr[] = []
    const closed: string[] = []
    const dial = async (address: Multiaddr, aborted: AbortSignal): Promise<Connection> => {
      dialled.push(address)
      const result = results.get(address)
      if (result === 'down') throw new Error('refused')
      if (result === 'refused') throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      if (result === undefined)
        await new Promise((_, reject) => aborted.addEventListener('abort', () => reject(aborted.reason)))
      const connection = { remoteAddr: address, close: async () => closed.push(address.toString()) }
      return connection as unknown as Connection
    }
    return { dialled, closed, race: new PathRace({ dial, signal, delayMs: 5, headStartMs: 30 }) }
  }
  const relayed = async () =>
    multiaddr(`/ip4/8.8.8.8/tcp/1/p2p/${(await newKey()).id}/p2p-circuit/p2p/${(await newKey()).id}`)

  it('takes the first that stands, though others never answer', async () => {
    const { race } = scene(new Map([[web, 'up']]))
    race.add([open, web])
    expect((await race.winner()).remoteAddr).to.equal(web)
  })

  it('tries short paths first', async () => {
    const { race, dialled } = scene(new Map([[loopback, 'up']]))
    race.add([web, open, lan, loopback])
    await race.winner()
    expect(dialled[0]).to.equal(loopback)
  })

  it('takes a relayed path only when no direct one stands', async () => {
    const circuit = await relayed()
    const direct = scene(
      new Map([
        [circuit, 'up'],
        [open, 'up']
      ])
    )
    direct.race.add([circuit, open])
    expect((await direct.race.winner()).remoteAddr).to.equal(open)

    const { race, dialled } = scene(new Map([[circuit, 'up']]))
    race.add([circuit, open])
    expect((await race.winner()).remoteAddr).to.equal(circuit)
    expect(dialled).to.deep.equal([open, circuit])
  })

  it('tries WebRTC after TCP, and not where a near machine has refused TCP', async () => {
    const certhash = '/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ'
    const near = multiaddr(`/ip4/192.168.1.2/udp/1${certhash}`)
    const far = multiaddr(`/ip4/8.8.8.8/udp/1${certhash}`)
    const { race, dialled } = scene(
      new Map([
        [lan, 'refused'],
        [open, 'refused'],
        [near, 'up'],
        [far, 'up']
      ])
    )
    race.add([near, far, lan, open])
    expect((await race.winner()).remoteAddr).to.equal(far)
    expect(dialled).to.deep.equal([lan, open, far])
  })

  it('takes addresses that are found while it runs, and loses only when no more can come', async () => {
    const { race } = scene(
      new Map([
        [open, 'down'],
        [lan, 'up']
      ])
    )
    race.add([open])
    await Promise.resolve()
    race.add([lan])
    race.close()
    expect((await race.winner()).remoteAddr).to.equal(lan)
    const lost = scene(new Map([[open, 'down']]))
    lost.race.add([open])
    lost.race.close()
    const error = await lost.race.winner().catch(reason => reason)
    expect(error).to.be.instanceOf(NoPathError)
    expect(error.cause.message).to.equal('refused')
  })

  it('says that no address is known, and stops when its time is over', async () => {
    const { race } = scene(new Map())
    race.close()
    expect((await race.winner().catch(error => error)).message).to.include('No address')
    const stop = new AbortController()
    const late = scene(new Map(), stop.signal)
    late.race.add([open])
    stop.abort()
    expect(await late.race.winner().catch(error => error)).to.be.instanceOf(NoPathError)
  })

  it('tells the kinds of path apart', async () => {
    const circuit = await relayed()
    expect([loopback, lan, open, circuit].map(classifyAddress)).to.deep.equal(['loopback', 'lan', 'public', 'relayed'])
    expect(classifyAddress(circuit.encapsulate('/webrtc'))).to.equal('hole-punched')
    expect([web, circuit, open, lan, loopback].sort(compareAddresses)).to.deep.equal([
      loopback,
      lan,
      open,
      web,
      circuit
    ])
  })
})
