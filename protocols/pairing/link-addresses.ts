/** Kinds of address that a browser can dial, and how many of each go into a link: it has to fit into a code that a camera reads. */
const kinds: readonly { readonly has: RegExp; readonly most: number }[] = [
  { has: /\/wss?$|\/tls\/(?:sni\/[^/]+\/)?ws$/, most: 4 },
  { has: /\/webrtc-direct\/certhash\//, most: 2 },
  { has: /\/p2p-circuit/, most: 2 }
]

/** Of the addresses of this device those that a new one can use, without the peer id at their end that the link names anyway. */
export function linkAddresses(addresses: readonly string[], peer: string): string[] {
  const bare = addresses.map(address => address.replace(new RegExp(`/p2p/${peer}$`), ''))
  const relayed = (address: string) => address.includes('/p2p-circuit')
  return kinds.flatMap(({ has, most }, index) =>
    bare.filter(address => has.test(address) && relayed(address) === (index === 2)).slice(0, most)
  )
}
