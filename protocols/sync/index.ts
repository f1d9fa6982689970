/**
 * Keeps shared spaces level between devices that are connected: one duplex call that carries the sync sessions of `crdt/sync`.
 *
 * @example
 * const services = [sync()({ replica })]
 * await syncWith({ replica, remote, channel }, { signal })
 *
 * @packageDocumentation
 */
export type { SyncComponents } from './conversation.ts'
export { explainStore } from './explain-store.ts'
export { maxItemBytes, syncProtocol } from './protocol.ts'
export { sync } from './service.ts'
export { type SyncWithInit, syncWith } from './sync-with.ts'
