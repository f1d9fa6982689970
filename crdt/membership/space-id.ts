import { compare } from 'uint8arrays/compare'
import { preimage } from '../bytes.ts'
import { encode } from '../codec.ts'
import type { Crypto } from '../crypto/index.ts'
import { type Genesis, genesisToBody } from './genesis.ts'

/** Id of the conversation of two twins, the same whoever asks (FORMATS §5). The lower of the two decides. */
export function directSpaceId(one: Uint8Array, other: Uint8Array, crypto: Crypto): Uint8Array {
  const [lower, higher] = compare(one, other) < 0 ? [one, other] : [other, one]
  return crypto.sha256(preimage('twinmesh/direct/1', lower, higher))
}

/** Id of the space of a twin's own devices. */
export function selfSpaceId(twin: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(preimage('twinmesh/self/1', twin))
}

/**
 * Id that a genesis gives its space. A direct one names only the twin that decides, so the other is needed.
 *
 * @throws {TypeError} when `other` is missing for a direct space
 */
export function genesisToSpaceId(genesis: Genesis, crypto: Crypto, other?: Uint8Array): Uint8Array {
  if (genesis.kind === 'self') return selfSpaceId(genesis.decider, crypto)
  if (genesis.kind !== 'direct') return crypto.sha256(preimage('twinmesh/space/1', encode(genesisToBody(genesis))))
  if (other === undefined) throw new TypeError('The id of a direct space needs both twins')
  return directSpaceId(genesis.decider, other, crypto)
}
