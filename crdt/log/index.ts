/**
 * Entries, runs and the hash chain that links them: what a device signs, seals, stores and sends (FORMATS §6 and §7).
 *
 * ```ts
 * const log = { twin: new Uint8Array(32), device: 1 }
 * assert.equal(commitPreimage(new Uint8Array(32), log, 1, zeroHash).length > 100, true)
 * ```
 * @packageDocumentation
 */
export {
  type Dep,
  type EntryHeader,
  encodeHeader,
  entryHash,
  entryKey,
  maxDocumentBytes,
  maxOriginBytes,
  maxUpdateBytes,
  openPayload,
  type Payload,
  sealPayload,
  zeroHash
} from './entry.ts'
export { asBytes, asList, asText, asUint, FormatError, isLongerThan } from './fields.ts'
export { bytesToHex, hexToBytes } from './hex.ts'
export { clientId, clientToWriter, type DecidedHead, isSameLog, type LogHead, type LogId } from './log-id.ts'
export {
  commitPreimage,
  decodeRun,
  encodeRun,
  lastOf,
  linkRun,
  maxRunBytes,
  maxRunEntries,
  type Run,
  type RunEntry,
  readHead
} from './run.ts'
