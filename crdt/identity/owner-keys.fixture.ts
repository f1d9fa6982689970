import type { Crypto } from '../crypto/index.ts'
import type { PhraseKeys } from './phrase.ts'

/** Keys as a phrase gives them, without one: the 2048 rounds from words to a seed take longer than most of what is tested. */
export function newOwnerKeys(crypto: Crypto): PhraseKeys {
  const owner = crypto.signer(crypto.randomBytes(32))
  return {
    owner,
    recovery: crypto.unsealer(crypto.randomBytes(32)),
    next: crypto.sha256(crypto.randomBytes(32)),
    twin: owner.publicKey
  }
}
