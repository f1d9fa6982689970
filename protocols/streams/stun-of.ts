import { CODE_IP4, CODE_P2P, CODE_TCP, type Multiaddr } from '@multiformats/multiaddr'

/** A bootstrap node answers STUN on the UDP port of the same number as its TCP port. */
export function stunOf(address: Multiaddr): string[] {
  const components = address.getComponents()
  const ip = components.find(component => component.code === CODE_IP4)?.value
  const tcp = components.find(component => component.code === CODE_TCP)?.value
  const isPlain = components.every(({ code }) => code === CODE_IP4 || code === CODE_TCP || code === CODE_P2P)
  return ip !== undefined && tcp !== undefined && isPlain ? [`stun:${ip}:${tcp}`] : []
}
