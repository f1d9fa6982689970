import { networkInterfaces } from 'node:os'
import { pairingLinkToText, textToPairingLink } from '../../protocols/pairing/index.ts'

/** An address of this machine that is not loopback, if it has one. */
export const networkAddress = Object.values(networkInterfaces())
  .flatMap(found => found ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

/** A link as another machine would use it; undefined where this one has no address but loopback. */
export function fromElsewhere(text: string): string | undefined {
  const link = textToPairingLink(text, 0)
  const addresses = link.addresses.filter(address => !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address))
  return addresses.length === 0 ? undefined : pairingLinkToText({ ...link, addresses }, text)
}
