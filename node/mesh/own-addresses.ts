import { networkInterfaces } from 'node:os'
import { isPrivateIp } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { classifyAddress, compareAddresses, type PathClass } from '../../protocols/streams/index.ts'

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
