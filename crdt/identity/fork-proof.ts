import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../crypto/index.ts'
import { openRecord, opensTerm } from './decided-record.ts'
import type { ForkProof } from './record-tree.ts'

/**
 * Whether two envelopes show, to somebody who knows nothing else, that one key decided two things at one place, or that one term of
 * this log was opened twice. Who may open a term is not looked at here.
 */
export async function isForkProof([one, other]: ForkProof, log: Uint8Array, crypto: Crypto): Promise<boolean> {
  try {
    const [a, b] = [await openRecord(one, crypto), await openRecord(other, crypto)]
    if (!equals(a.log, log) || !equals(b.log, log) || a.term !== b.term || equals(a.hash, b.hash)) return false
    if (opensTerm(a) && opensTerm(b)) return true
    return a.seq === b.seq && equals(a.signer, b.signer)
  } catch {
    return false
  }
}
