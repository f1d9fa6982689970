import type { Crypto } from '../crypto/index.ts'
import { openRecord } from '../identity/index.ts'

/**
 * The twin that a first record names as the one that decides: whose device list has to be read before the record can be verified.
 * `undefined` for what is no such record.
 */
export async function deciderOf(genesis: Uint8Array | undefined, crypto: Crypto): Promise<Uint8Array | undefined> {
  if (genesis === undefined) return undefined
  try {
    const { decider } = (await openRecord(genesis, crypto)).body
    return decider instanceof Uint8Array && decider.length === 32 ? decider : undefined
  } catch {
    return undefined
  }
}
