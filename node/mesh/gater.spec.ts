import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { isNeverATwin } from '../../protocols/streams/index.ts'
import { defaultLimits } from '../limits.ts'
import { Admission } from './admission.ts'
import { createGater, mayDial } from './gater.ts'
import { newKey } from './mesh.fixture.ts'

describe('gater', () => {
  const gater = (isPublic: boolean, trusted: readonly string[] = []) =>
    createGater({
      limits: defaultLimits,
      admission: new Admission({ limits: defaultLimits }),
      isTrusted: peer => trusted.includes(peer),
      isBanned: () => false,
      isShutOut: () => false,
      isPublic: () => isPublic,
      connections: () => []
    })
  const privateAddresses = [
    '/ip4/10.0.0.5/tcp/6379',
    '/ip4/127.0.0.1/tcp/5432',
    '/ip4/192.168.1.1/tcp/80',
    '/ip6/::1/tcp/1'
  ]
  const never = [
    '/ip4/169.254.169.254/tcp/80',
    '/ip4/0.0.0.0/tcp/4001',
    '/ip4/255.255.255.255/udp/1',
    '/ip4/224.0.0.1/udp/1',
    '/ip6/fe80::1/tcp/1'
  ]

  it('dials no private address that a stranger named, once the machine is public', async () => {
    const { id } = await newKey()
    for (const address of privateAddresses) {
      expect(await gater(true).denyDialMultiaddr?.(multiaddr(`${address}/p2p/${id}`)), address).to.equal(true)
      expect(await gater(true, [id]).denyDialMultiaddr?.(multiaddr(`${address}/p2p/${id}`)), address).to.equal(false)
    }
    const relayed = multiaddr(`/ip4/10.0.0.5/tcp/1/p2p/${id}/p2p-circuit/p2p/${(await newKey()).id}`)
    expect(await gater(true).denyDialMultiaddr?.(relayed)).to.equal(true)
  })

  it('dials its neighbours at home and on one machine', async () => {
    const { id } = await newKey()
    for (const address of privateAddresses) {
      expect(await gater(false).denyDialMultiaddr?.(multiaddr(`${address}/p2p/${id}`)), address).to.equal(false)
    }
    expect(await gater(true).denyDialMultiaddr?.(multiaddr(`/ip4/8.8.8.8/tcp/1/p2p/${id}`))).to.equal(false)
  })

  it('leaves WebRTC to our own dials', async () => {
    const address = multiaddr(
      `/ip4/8.8.8.8/udp/1/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ/p2p/${(await newKey()).id}`
    )
    expect(await gater(false).denyDialMultiaddr?.(address)).to.equal(true)
    expect(mayDial(address, { isPublic: () => false, isTrusted: () => false })).to.equal(true)
  })

  it('dials nothing that can never be a twin, whoever named it', async () => {
    const { id } = await newKey()
    for (const address of never) {
      expect(isNeverATwin(multiaddr(address)), address).to.equal(true)
      expect(await gater(false, [id]).denyDialMultiaddr?.(multiaddr(`${address}/p2p/${id}`)), address).to.equal(true)
    }
  })
})
