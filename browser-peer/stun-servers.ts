import { multiaddr } from '@multiformats/multiaddr'
import { classifyAddress, stunOf } from '../protocols/streams/index.ts'
import { limits } from './limits.ts'

/**
 * Where a page asks from which address it is seen: relays of the own nodes, and nobody else. Of a relay that is known by its
 * WebSocket alone the port of STUN is not known; nodes tell all its addresses once they are met.
 */
export function stunServers(relays: readonly string[]): { readonly urls: string }[] {
  // On this machine nobody is behind a NAT
  const away = relays.map(text => multiaddr(text)).filter(address => classifyAddress(address) !== 'loopback')
  return [...new Set(away.flatMap(stunOf))].slice(0, limits.maxStunServers).map(urls => ({ urls }))
}
