import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { HDKey } from 'micro-key-producer/slip10.js'
import type { Crypto, SecretSigner, Unsealer } from '../crypto/index.ts'

const words = 24
// SLIP-0010 Ed25519 derives hardened children only. 8946 spells TWIN on a keypad.
const ownerPath = "m/8946'/0'/0'"
const recoveryPath = "m/8946'/0'/1'"
const nextOwnerPath = "m/8946'/1'/0'"

/** Everything that the 24 words give (FORMATS §2). The secrets live in memory only; drop them after use. */
export interface PhraseKeys {
  /** Signs as the twin itself */
  readonly owner: SecretSigner
  /** Opens what was sealed for a recovery */
  readonly recovery: Unsealer
  /** SHA-256 of the next owner key, published so that the twin can move on to it */
  readonly next: Uint8Array
  /** The twin: the owner's public key */
  readonly twin: Uint8Array
}

/** The phrase is not 24 words of the list, or they do not belong together. The message names a wrong word's place. */
export class PhraseError extends Error {
  override readonly name = 'PhraseError'
  readonly code: 'WordCount' | 'UnknownWord' | 'Checksum'
  /** Of the wrong word, from 1 */
  readonly place: number | undefined

  constructor(code: PhraseError['code'], message: string, place?: number) {
    super(message)
    this.code = code
    this.place = place
  }
}

/** 24 English BIP39 words from 256 random bits. */
export function newPhrase(crypto: Crypto): string {
  return entropyToMnemonic(crypto.randomBytes(32), wordlist)
}

/**
 * Case and white space of the typed phrase do not matter.
 *
 * @throws {PhraseError}
 */
export function phraseToKeys(phrase: string, crypto: Crypto): PhraseKeys {
  const master = HDKey.fromMasterSeed(mnemonicToSeedSync(checkPhrase(phrase)))
  const secretAt = (path: string): Uint8Array => master.derive(path).privateKey
  const owner = crypto.signer(secretAt(ownerPath))
  return {
    owner,
    recovery: crypto.unsealer(secretAt(recoveryPath)),
    next: crypto.sha256(crypto.signer(secretAt(nextOwnerPath)).publicKey),
    twin: owner.publicKey
  }
}

/** The phrase in its normal form. @throws {PhraseError} */
export function checkPhrase(phrase: string): string {
  const given = phrase.normalize('NFKD').toLowerCase().split(/\s+/u).filter(Boolean)
  if (given.length !== words) throw new PhraseError('WordCount', `Expected ${words} words, found ${given.length}`)
  const unknown = given.findIndex(word => !wordlist.includes(word))
  if (unknown >= 0) {
    // The word's place, not the word: error messages end up in logs
    throw new PhraseError('UnknownWord', `Word ${unknown + 1} is not in the word list: check its spelling`, unknown + 1)
  }
  const normal = given.join(' ')
  try {
    mnemonicToEntropy(normal, wordlist)
  } catch {
    throw new PhraseError('Checksum', 'The words do not belong together: one is wrong or two are swapped')
  }
  return normal
}
