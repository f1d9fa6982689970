import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** Reads addresses of bootstrap nodes; throws a `TypeError` that names the one that is wrong. */
export function parseBootstrap(list: readonly string[]): Multiaddr[] {
  return list.map(text => {
    let address: Multiaddr
    try {
      address = multiaddr(text)
    } catch (cause) {
      const example = '/ip4/1.2.3.4/tcp/4001/p2p/12D3KooW…'
      throw new TypeError(`Bootstrap address ${text} is not a multiaddr such as ${example}`, { cause })
    }
    peerOf(address)
    return address
  })
}

/** Peer id at the end of an address. */
export function peerOf(address: Multiaddr): string {
  const peer = address.getComponents().findLast(component => component.code === CODE_P2P)?.value
  if (peer === undefined) throw new TypeError(`Bootstrap address ${address} must end in /p2p/ and a peer id`)
  return peer
}

/** Meeting points of the public IPFS DHT, as its own implementations ship them. */
export const publicBootstrap = [
  'QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN',
  'QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa',
  'QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb',
  'QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt'
].map(peer => `/dnsaddr/bootstrap.libp2p.io/p2p/${peer}`)
