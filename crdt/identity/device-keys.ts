import type { Crypto, SecretSigner, Signer, Unsealer } from '../crypto/index.ts'

/** Three independent keys of one device. They are made on it, never leave it and are never re-used. */
export interface DeviceKeys {
  /** libp2p identity: its public key is the device's peer id */
  readonly transport: Signer
  /** Signs logs, records and certificates */
  readonly signing: Signer
  /** Epoch keys are wrapped to it */
  readonly encryption: Unsealer
}

/** 32 bytes each, for the key store. */
export interface DeviceSecrets {
  readonly transport: Uint8Array
  readonly signing: Uint8Array
  readonly encryption: Uint8Array
}

/** Device keys of a node, whose secrets can be stored and handed to libp2p. */
export interface NodeDeviceKeys extends DeviceKeys {
  readonly transport: SecretSigner
  readonly signing: SecretSigner
  readonly secrets: DeviceSecrets
}

export function newDeviceKeys(crypto: Crypto): NodeDeviceKeys {
  return secretsToDeviceKeys(
    { transport: crypto.randomBytes(32), signing: crypto.randomBytes(32), encryption: crypto.randomBytes(32) },
    crypto
  )
}

export function secretsToDeviceKeys(secrets: DeviceSecrets, crypto: Crypto): NodeDeviceKeys {
  return {
    transport: crypto.signer(secrets.transport),
    signing: crypto.signer(secrets.signing),
    encryption: crypto.unsealer(secrets.encryption),
    secrets
  }
}
