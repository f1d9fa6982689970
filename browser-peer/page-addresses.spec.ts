import { expect } from 'chai'
import { isPageAddress, onePerRelay, pageAddresses } from './page-addresses.ts'

const [bob, mallory, relay, other] = [
  '12D3KooWGUiWi2j2tijRNnrBT3sXKZXW9BN7rGyFdZoCqTHNxN3p',
  '12D3KooWM6Ct5wVR8Cgk5fUxQBmMhZJ5gnQzg8Wr5ghJzKWWxSXs',
  '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
  '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD'
]
const ours = [`/ip4/192.168.1.9/tcp/4001/ws/p2p/${relay}`, `/dns4/meet.example/tcp/443/wss/p2p/${relay}`]
const over = (at: string, page = bob) => `${at}/p2p-circuit/webrtc/p2p/${page}`

describe('where the page of somebody else is dialled', () => {
  it('is over a relay that both use, at the addresses that are known here', () => {
    const told = [
      over(`/ip4/10.0.0.1/tcp/80/ws/p2p/${relay}`),
      over(`/dns4/elsewhere.example/tcp/443/wss/p2p/${relay}`)
    ]
    expect(pageAddresses(bob!, told, ours)).deep.equal(ours.map(at => over(at)))
  })

  it('or over a relay of theirs in the open network, and never in the network of this machine', () => {
    const open = over(`/ip4/203.0.114.7/tcp/443/wss/p2p/${other}`)
    const inside = [
      '/ip4/192.168.1.1/tcp/80/ws',
      '/ip4/127.0.0.1/tcp/4180/ws',
      '/ip6/fd00::1/tcp/80/ws',
      '/ip6/::1/tcp/80/ws',
      '/dns4/router.example/tcp/80/ws'
    ]
    const named = over(`/dns4/relay.example/tcp/443/wss/p2p/${other}`)
    expect(pageAddresses(bob!, [named], ours)).deep.equal([named])
    expect(pageAddresses(bob!, [...inside.map(at => over(`${at}/p2p/${other}`)), open], ours)).deep.equal([open])
  })

  it('is one address of a relay that this page is connected with, and each of one that it may have to reach first', () => {
    const addresses = pageAddresses(bob!, [over(ours[0]!)], ours)
    expect(onePerRelay(addresses, () => false)).deep.equal(addresses)
    expect(onePerRelay([...addresses, over(`/ip4/203.0.114.7/tcp/80/ws/p2p/${other}`)], id => id === relay)).deep.equal(
      [addresses[0], over(`/ip4/203.0.114.7/tcp/80/ws/p2p/${other}`)]
    )
  })

  it('is nowhere for what leads to somebody else, or is no such address', () => {
    const told = [
      over(ours[0]!, mallory),
      `${ours[0]}/p2p-circuit/p2p/${bob}`,
      `/ip4/203.0.114.7/tcp/80/ws/p2p/${bob}`,
      `/nonsense/p2p/${other}/p2p-circuit/webrtc/p2p/${bob}`,
      ''
    ]
    expect(pageAddresses(bob!, told, ours)).deep.equal([])
    expect(told.filter(isPageAddress)).deep.equal([told[0], told[3]])
  })
})
