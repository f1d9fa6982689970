import { equals } from 'uint8arrays/equals'

/** A log is one device of one twin writing into one space (FORMATS §6). */
export interface LogId {
  readonly twin: Uint8Array
  readonly device: number
}

/** Position in a decided log (FORMATS §4). */
export type DecidedHead = readonly [term: number, seq: number, hash: Uint8Array]

/** What is held of one log: everything up to and including `seq`, whose entry hash is `hash`. */
export type LogHead = readonly [twin: Uint8Array, device: number, seq: number, hash: Uint8Array]

/** The Yjs client id of a device (FORMATS §5). */
export function clientId(member: number, device: number): number {
  return member * 0x10000 + device
}

/** The member and device of a client id. */
export function clientToWriter(client: number): { member: number; device: number } {
  return { member: Math.floor(client / 0x10000), device: client % 0x10000 }
}

export function isSameLog(a: LogId, b: LogId): boolean {
  return a === b || (a.device === b.device && equals(a.twin, b.twin))
}
