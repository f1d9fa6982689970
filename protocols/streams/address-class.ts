import type { Connection } from '@libp2p/interface'
import { getNetConfig, isLoopback, isNetworkAddress, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How a path to a peer runs, best first. */
export type PathClass = 'loopback' | 'lan' | 'public' | 'hole-punched' | 'relayed'

const order: readonly PathClass[] = ['loopback', 'lan', 'public', 'hole-punched', 'relayed']

export function classifyAddress(address: Multiaddr): PathClass {
  const names = address.getComponents().map(component => component.name)
  if (names.includes('p2p-circuit')) return names.includes('webrtc') ? 'hole-punched' : 'relayed'
  // A private WebRTC connection has no circuit in it any more once it stands
  if (names.includes('webrtc')) return 'hole-punched'
  if (isLoopback(address)) return 'loopback'
  return isPrivate(address) ? 'lan' : 'public'
}

export function pathOf(connection: Connection): PathClass {
  return classifyAddress(connection.remoteAddr)
}

/** Shorter paths first; among equals TCP before WebSocket before WebRTC, which costs five times the CPU to set up. */
export function compareAddresses(a: Multiaddr, b: Multiaddr): number {
  return rank(a) - rank(b)
}

export function isBetterPath(a: PathClass, than: PathClass): boolean {
  return order.indexOf(a) < order.indexOf(than)
}

export function isWebrtcDirect(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'webrtc-direct')
}

/** Unspecified, link-local (with it every cloud's metadata service), multicast and broadcast addresses. */
export function isNeverATwin(address: Multiaddr): boolean {
  if (!isNetworkAddress(address)) return false
  const { type, host } = getNetConfig(address)
  if (type === 'ip4') {
    const [a = 0, b = 0] = host.split('.').map(Number)
    return a === 0 || a >= 224 || (a === 169 && b === 254)
  }
  if (type === 'ip6') return host === '::' || /^f[ef]/i.test(host)
  return false
}

function rank(address: Multiaddr): number {
  const names = address.getComponents().map(component => component.name)
  const transport = isWebrtcDirect(address) ? 2 : names.includes('ws') || names.includes('wss') ? 1 : 0
  return order.indexOf(classifyAddress(address)) * 4 + transport
}
