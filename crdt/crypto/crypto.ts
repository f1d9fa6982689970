export type MaybePromise<T> = T | Promise<T>

/** An Ed25519 key that signs. Opaque: it may live in an agent or be non-extractable. */
export interface Signer {
  /** 32 bytes */
  readonly publicKey: Uint8Array
  /** 64 bytes. Only functions that build their own preimage under a domain of their own may call it. */
  sign(message: Uint8Array): MaybePromise<Uint8Array>
}

/** A signer whose 32-byte RFC 8032 seed is at hand: the owner key for a moment, the transport key for libp2p. */
export interface SecretSigner extends Signer {
  readonly secret: Uint8Array
}

/** Single-shot HPKE, RFC 9180 §6.1 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
export interface Sealed {
  /** Encapsulated key, 32 bytes */
  readonly enc: Uint8Array
  /** Plaintext length + 16 bytes */
  readonly ciphertext: Uint8Array
}

/** An X25519 key that opens what was sealed to it. */
export interface Unsealer {
  /** 32 bytes */
  readonly publicKey: Uint8Array
  /** @throws {Error} when it does not open */
  open(sealed: Sealed, info: Uint8Array, aad?: Uint8Array): Promise<Uint8Array>
}

/** The primitives that FORMATS.md names, injected so that `crdt/` runs anywhere. */
export interface Crypto {
  /** From the platform's cryptographic generator */
  randomBytes(length: number): Uint8Array
  /** SHA-256 of the concatenated parts */
  sha256(...parts: Uint8Array[]): Uint8Array
  /** HKDF-SHA256 (RFC 5869) */
  hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array
  /** Ed25519 by the strict rule of `isStrictEd25519`, the same everywhere. Never throws: what is malformed does not verify. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): MaybePromise<boolean>
  /** AES-256-GCM: ciphertext ‖ tag (16 bytes). Key 32, nonce 12 bytes. */
  aeadSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): MaybePromise<Uint8Array>
  /** `undefined` when it does not open */
  aeadOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    sealed: Uint8Array
  ): MaybePromise<Uint8Array | undefined>
  /** @param recipient X25519 public key */
  hpkeSeal(recipient: Uint8Array, info: Uint8Array, plaintext: Uint8Array, aad?: Uint8Array): Promise<Sealed>
  /** Ed25519 from a 32-byte seed */
  signer(secret: Uint8Array): SecretSigner
  /** X25519 from 32 bytes, clamped as in RFC 7748 */
  unsealer(secret: Uint8Array): Unsealer
}
