import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { withLimits } from '../limits.ts'
import { Admission, addressGroup } from './admission.ts'
import { TokenBuckets } from './token-buckets.ts'

describe('admission', () => {
  /** Enough of a socket for the gater: an address, an end, and whether it was put an end to. */
  const socket = (address: string) => {
    const events = new EventTarget()
    const self = Object.assign(events, {
      remoteAddr: multiaddr(address),
      isAborted: false,
      abort: () => {
        self.isAborted = true
        self.dispatchEvent(new Event('close'))
      }
    })
    return self
  }
  type Begin = Parameters<Admission['begin']>[0]
  const begin = (admission: Admission, address: string) => {
    const made = socket(address)
    return { made, admitted: admission.begin(made as unknown as Begin) }
  }

  it('makes room by ending the oldest unfinished handshake of an address that has too many', () => {
    const admission = new Admission({ limits: withLimits({ maxPendingPerAddress: 2 }) })
    const [first, second, third] = [1, 2, 3].map(port => begin(admission, `/ip4/127.0.0.1/tcp/${port}`))
    expect([first, second, third].map(entry => entry?.admitted)).to.deep.equal([true, true, true])
    expect([first, second, third].map(entry => entry?.made.isAborted)).to.deep.equal([true, false, false])
    expect(admission.pending).to.equal(2)
  })

  it('ends those of the greediest address when there are too many in all', () => {
    const limits = withLimits({ maxPendingInbound: 4, maxPendingPerAddress: 4 })
    const admission = new Admission({ limits })
    const greedy = [1, 2, 3].map(port => begin(admission, `/ip4/203.0.113.5/tcp/${port}`))
    const honest = [begin(admission, '/ip4/198.51.100.1/tcp/1'), begin(admission, '/ip4/192.0.2.9/tcp/1')]
    expect(greedy.map(({ made }) => made.isAborted)).to.deep.equal([true, false, false])
    expect(honest.map(({ made }) => made.isAborted)).to.deep.equal([false, false])
  })

  it('refuses an address that comes too often, and lets it in again later', () => {
    let now = 0
    const admission = new Admission({ limits: withLimits({ handshakesPerAddress: 1 }), now: () => now })
    const tries = () => [1, 2, 3, 4].map(port => begin(admission, `/ip4/203.0.113.${port}/tcp/1`).admitted)
    expect(tries(), 'one network, burst of three').to.deep.equal([true, true, true, false])
    now = 2000
    expect(tries()).to.deep.equal([true, true, false, false])
  })

  it('keeps room for known addresses while strangers flood from everywhere', () => {
    const isKnown = (group: string) => group === '192.0.2'
    const admission = new Admission({ limits: withLimits({ handshakesFromStrangers: 10 }), isKnown, now: () => 0 })
    const strangers = Array.from({ length: 100 }, (_, i) => begin(admission, `/ip4/203.${i}.1.1/tcp/1`).admitted)
    expect(strangers.filter(admitted => admitted)).to.have.length(30)
    expect(begin(admission, '/ip4/192.0.2.1/tcp/1').admitted).to.equal(true)
  })

  it('forgets finished handshakes', () => {
    const admission = new Admission({ limits: withLimits({}) })
    const { made } = begin(admission, '/ip4/127.0.0.1/tcp/1')
    expect(admission.pending).to.equal(1)
    admission.finish(made as unknown as Begin)
    made.abort()
    expect(admission.pending).to.equal(0)
  })

  it('counts neighbours of a network together', () => {
    expect(addressGroup(multiaddr('/ip4/203.0.113.7/tcp/1'))).to.equal('203.0.113')
    expect(addressGroup(multiaddr('/ip6/2001:db8:1:2::1/tcp/1'))).to.equal('2001:db8:1')
    expect(addressGroup(multiaddr('/ip4/127.0.0.1/tcp/1'))).to.equal('127.0.0.1')
  })

  it('does not grow with the number of addresses', () => {
    const buckets = new TokenBuckets(() => 0)
    for (let i = 0; i < 10_000; i++) buckets.take(`a${i}`, 1)
    // Emptied before it was forgotten, full again after
    expect([1, 2, 3, 4].map(() => buckets.take('a0', 1))).to.deep.equal([true, true, true, false])
  })
})
