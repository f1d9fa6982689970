import { multiaddr } from '@multiformats/multiaddr'
import { classifyAddress } from '../protocols/streams/index.ts'
import { nodeOf } from './race-to-node.ts'

/** A page is reached over the relay where it has a place, by WebRTC; the connection that comes of it needs the relay no more. */
const pattern = /^(.+\/p2p\/([^/]+))\/p2p-circuit\/webrtc\/p2p\/[^/]+$/

export function isPageAddress(address: string): boolean {
  return pattern.test(address)
}

/**
 * Where a page is dialled of what its presence says. Whoever writes a presence would choose what others dial: taken are their own device
 * only, relays that this twin uses too, at the addresses that are known here, and others in the open network. What is in the network of
 * this machine is not for them to find out.
 *
 * @param told multiaddrs that the presence says
 * @param relays multiaddrs of relays that this twin uses
 */
export function pageAddresses(peer: string, told: readonly string[], relays: readonly string[]): string[] {
  const dialled = new Set<string>()
  for (const address of told) {
    const [, relay, id] = pattern.exec(address) ?? []
    if (relay === undefined || nodeOf(address) !== peer) continue
    const known = relays.filter(one => nodeOf(one) === id)
    const open = isOpen(relay) ? [relay] : []
    for (const one of known.length > 0 ? known : open) dialled.add(`${one}/p2p-circuit/webrtc/p2p/${peer}`)
  }
  return [...dialled]
}

/**
 * What of these is dialled now. A relay that this page is connected with carries every dial itself, whatever address it is named by: several
 * of them would make as many WebRTC connections with one page at once.
 */
export function onePerRelay(addresses: readonly string[], isConnected: (relay: string) => boolean): string[] {
  const taken = new Set<string>()
  return addresses.filter(address => {
    const relay = pattern.exec(address)?.[2] ?? ''
    if (taken.has(relay)) return false
    if (isConnected(relay)) taken.add(relay)
    return true
  })
}

/** A name may lead into any network: it has to be reached by TLS, which its machine must have a certificate for. */
function isOpen(relay: string): boolean {
  const isName = /^\/dns/.test(relay)
  return classifyAddress(multiaddr(relay)) === 'public' && (!isName || /\/(wss|tls)\//.test(relay))
}
