import { generateKeyPairFromSeed, privateKeyFromRaw, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { createIPNSRecord, marshalIPNSRecord, multihashToIPNSRoutingKey, unmarshalIPNSRecord } from 'ipns'
import { ipnsValidator } from 'ipns/validator'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'

/** Largest IPNS record that anybody stores (IPNS specification, record size limit) */
export const maxRecordSize = 10_240

/** Largest payload, so that record, signature and text encoding of the CID stay below `maxRecordSize` */
export const maxPayloadSize = 4096

/** Codec of the payload inside the CID (multicodec table: dag-cbor) */
const dagCborCode = 0x71

/** How long a resolver may cache a record (IPNS specification, TTL), in nanoseconds: one minute */
const ttlNs = 60_000_000_000

export interface IpnsPayload {
  /** Ed25519 public key the record is filed under and signed by */
  readonly key: Uint8Array
  readonly sequence: bigint
  /** Milliseconds since 1970 at which the record stops being valid */
  readonly validUntil: number
  readonly payload: Uint8Array
}

export interface SignInit {
  /** 32 secret bytes of the Ed25519 key the record is filed under, or 64 with the public key behind them */
  readonly secret: Uint8Array
  readonly payload: Uint8Array
  readonly sequence: bigint
  readonly lifetimeMs: number
}

/** Where the record of an Ed25519 key is kept in a DHT: `/ipns/` and the key's multihash. */
export function routingKey(publicKey: Uint8Array): Uint8Array {
  return multihashToIPNSRoutingKey(publicKeyFromRaw(publicKey).toMultihash())
}

/** Signs a payload as an IPNS record (V2 signature only) whose value is the payload itself, as an identity CID. */
export async function signIpnsRecord({ secret, payload, sequence, lifetimeMs }: SignInit): Promise<Uint8Array> {
  if (payload.byteLength > maxPayloadSize) {
    throw new RangeError(`Payload of ${payload.byteLength} bytes is larger than ${maxPayloadSize}`)
  }
  // From the seed alone the public key is computed in JavaScript, which takes 20 ms
  const key = secret.byteLength === 64 ? privateKeyFromRaw(secret) : await generateKeyPairFromSeed('Ed25519', secret)
  const value = CID.createV1(dagCborCode, identity.digest(payload))
  return marshalIPNSRecord(await createIPNSRecord(key, value, sequence, lifetimeMs, { v1Compatible: false, ttlNs }))
}

/**
 * Reads a record that claims to be of `publicKey`: size, signature, expiry and form are checked here, whatever the
 * peer that handed it over has checked. Throws when anything is off.
 */
export async function openIpnsRecord(publicKey: Uint8Array, record: Uint8Array): Promise<IpnsPayload> {
  await ipnsValidator(routingKey(publicKey), record)
  return parseIpnsRecord(publicKey, record)
}

/** Reads a record that was verified before, such as one from our own store: it may have expired since. */
export function parseIpnsRecord(publicKey: Uint8Array, record: Uint8Array): IpnsPayload {
  const { sequence, validity, value } = unmarshalIPNSRecord(record)
  if (!value.startsWith('/ipfs/')) throw new Error('Record does not carry a payload')
  const cid = CID.parse(value.slice('/ipfs/'.length))
  if (cid.code !== dagCborCode || cid.multihash.code !== identity.code) {
    throw new Error('Payload is not inside the record')
  }
  return { key: publicKey, sequence, validUntil: Date.parse(validity), payload: cid.multihash.digest }
}
