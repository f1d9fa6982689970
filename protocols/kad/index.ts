/**
 * @packageDocumentation
 *
 * `/twin/kad/1.0.0`: how twins find each other. A Kademlia DHT that holds IPNS records only: the protocol id, the
 * rules of its records, and a record store that cannot be rolled back or filled up. Runs anywhere libp2p does.
 *
 * @example
 *
 * ```ts
 * const record = await signIpnsRecord({ secret, payload, sequence: BigInt(Date.now()), lifetimeMs: 60_000 })
 * const opened = await openIpnsRecord(publicKey, record)
 * assert.deepEqual(opened.payload, payload)
 * ```
 */
export { guardedKad, type RecordQuota } from './guarded-kad.ts'
export {
  type IpnsPayload,
  maxPayloadSize,
  maxRecordSize,
  openIpnsRecord,
  parseIpnsRecord,
  routingKey,
  type SignInit,
  signIpnsRecord
} from './ipns-records.ts'
export { cachePeers, type PeerCache } from './peer-cache.ts'
export { ipnsRules, kadProtocol, kadSettings, publicKadProtocol } from './protocol.ts'
export { guardRecords, RecordRefusedError, type RecordStoreInit } from './record-store.ts'
