import { networkInterfaces } from 'node:os'
import { isLoopback, isPrivate, isPrivateIp } from '@libp2p/utils'
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

/** Shorter paths first; among equals TCP before WebSocket before WebRTC, which costs five times the CPU to set up. */
export function compareAddresses(a: Multiaddr, b: Multiaddr): number {
  return rank(a) - rank(b)
}

export function isBetterPath(a: PathClass, than: PathClass): boolean {
  return order.indexOf(a) < order.indexOf(than)
}

/**
 * The at most 16 addresses that go into a node record: what strangers can use first, loopback (for twins on the same
 * machine) last, and of the many spellings of a relayed path only a few.
 */
export function addressesToPublish(addresses: readonly Multiaddr[]): Multiaddr[] {
  const byClass = (name: PathClass, max: number) =>
    addresses
      .filter(address => classifyAddress(address) === name)
      .sort(compareAddresses)
      .slice(0, max)
  return [
    ...byClass('public', 6),
    ...byClass('relayed', 3),
    ...byClass('lan', 6),
    ...byClass('loopback', 3),
    ...byClass('hole-punched', 2)
  ].slice(0, 16)
}

/** Public addresses of this machine's own interfaces: reachable without anybody's help, unless a firewall forbids. */
export function publicInterfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ internal, family, address }) => !internal && family === 'IPv4' && isPrivateIp(address) === false)
    .map(({ address }) => address)
}

export function isWebrtcDirect(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'webrtc-direct')
}

function rank(address: Multiaddr): number {
  const names = address.getComponents().map(component => component.name)
  const transport = isWebrtcDirect(address) ? 2 : names.includes('ws') || names.includes('wss') ? 1 : 0
  return order.indexOf(classifyAddress(address)) * 4 + transport
}
