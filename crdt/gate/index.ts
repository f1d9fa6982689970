/**
 * The gate in front of Yjs. Yjs trusts the bytes it applies: seven hostile bytes make a document unloadable for ever, thirteen make
 * replicas differ in silence. Nothing from another device reaches `Y.applyUpdate` without passing here first.
 *
 * ```ts
 * const doc = createDoc()
 * const verdict = gate(doc, Uint8Array.of(1, 1, 1, 0, 0, 0, 0), { client: 1, roots: { text: 'text' } })
 * assert.deepEqual(verdict.ok, false)
 * ```
 * @packageDocumentation
 */
export { createDoc } from './create-doc.ts'
export { gate, type Verdict } from './gate.ts'
export type { Lack, RefusalReason } from './refusal.ts'
export { GATE_VERSION, type GateRules, MAX_DELETES, MAX_STRUCTS, MAX_UPDATE_BYTES, type RootKind } from './rules.ts'
export { gateSnapshot, type SnapshotRules, type SnapshotVerdict } from './snapshot-gate.ts'
