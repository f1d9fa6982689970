export { Kv, type KvComponents, type KvInit } from './kv.ts'
export type { People } from './namespaces.ts'
export * from './protocol.ts'
export { kv } from './service.ts'
