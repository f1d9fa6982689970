import { decode, encode } from '../../crdt/crypto/index.ts'
import { asBytes, asUint } from '../../crdt/log/index.ts'
import { readMany } from './read-many.ts'

/** Bytes of one, as the signed head of a node holds it (crdt/FORMATS.md §11 and §19). */
const maxSize = 512
const maxAddresses = 4

/** Where a mailbox is. */
export interface MailboxAddress {
  /** Transport key: what it proves by its connection and signs receipts with */
  readonly key: Uint8Array
  /** Multiaddrs in bytes, hints; none for a twin, which publishes its own */
  readonly addresses: readonly Uint8Array[]
}

/** Addresses that do not fit are left out. */
export function mailboxToBytes({ key, addresses }: MailboxAddress): Uint8Array {
  for (let count = Math.min(addresses.length, maxAddresses); ; count--) {
    const bytes = encode([1, key, addresses.slice(0, count)])
    if (bytes.length <= maxSize) return bytes
  }
}

/** `undefined` for what another version wrote in a way that this one cannot read. */
export function bytesToMailbox(bytes: Uint8Array): MailboxAddress | undefined {
  try {
    const [version, key, addresses] = readMany(decode(bytes), 3, 3)
    if (asUint(version) !== 1) return undefined
    return {
      key: asBytes(key, 32),
      addresses: readMany(addresses, maxAddresses).map(address => asBytes(address))
    }
  } catch {
    return undefined
  }
}
