import { multiaddr } from '@multiformats/multiaddr'
import { textToTwin } from '../../crdt/identity/index.ts'
import type { MailboxAddress } from '../../protocols/mailbox/index.ts'

/** The mailbox of an address that names its peer; `undefined` for what is none. */
export function parseAddress(text: string): MailboxAddress | undefined {
  if (!text.startsWith('/')) return undefined
  try {
    const address = multiaddr(text)
    const peer = address.getComponents().findLast(({ name }) => name === 'p2p')?.value
    return peer === undefined ? undefined : { key: textToTwin(peer), addresses: [address.bytes] }
  } catch {
    return undefined
  }
}

/** `undefined` for bytes that are none: they come from others. */
export function parseMultiaddr(bytes: Uint8Array): ReturnType<typeof multiaddr> | undefined {
  try {
    return multiaddr(bytes)
  } catch {
    return undefined
  }
}
