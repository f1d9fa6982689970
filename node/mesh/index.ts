/**
 * @packageDocumentation
 *
 * The mesh: a libp2p node composed and bounded for a twin. Finds twins by id, connects to them by the shortest path
 * that works, keeps those connections, and keeps this twin's own records findable.
 *
 * @example
 *
 * ```ts
 * const mesh = await createMesh({ transportKey, home, port: 4001, bootstrap })
 * const { devices } = await mesh.find(twinId)
 * const connection = await mesh.connect(twinId)
 * await mesh.stop()
 * ```
 */

export { publicBootstrap } from './bootstrap-addresses.ts'
export { type ByteAccount, ByteBudget, ByteBudgetError } from './byte-budget.ts'
export { createMesh, type MeshInit, makeMesh } from './create-mesh.ts'
export { endWebrtc } from './end-webrtc.ts'
export type { MeshEvents } from './events.ts'
export { type FoundDevice, type FoundTwin, TwinNotFoundError } from './find.ts'
export { PortTakenError } from './free-ports.ts'
export type { Mesh } from './mesh.ts'
export type { PublishedRecords } from './own-records.ts'
export type { MeshPeer, Reachability } from './reachability.ts'
export type { Trust } from './trust.ts'
