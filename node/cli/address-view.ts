import { count } from './words.ts'

/** Addresses as a person reads them: direct ones without what only programs need, relayed ones summed up by relay. */
export function addressLines(addresses: readonly string[]): string[] {
  const direct = new Set<string>()
  const relays = new Map<string, number>()
  for (const address of addresses) {
    const relay = /\/p2p\/([^/]+)\/p2p-circuit/.exec(address)?.[1]
    if (relay === undefined) direct.add(address.replace(/\/p2p\/[^/]+$/, '').replace(/\/certhash\/[^/]+/g, ''))
    else relays.set(relay, (relays.get(relay) ?? 0) + 1)
  }
  const relayed = [...relays].map(
    ([relay, ways]) => `through relay …${relay.slice(-8)} (${count(ways, 'address', 'addresses')})`
  )
  return [...direct, ...relayed]
}
