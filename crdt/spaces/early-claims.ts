import { bytesToHex, type LogId } from '../log/index.ts'
import { SpaceKeys } from '../store/index.ts'
import type { DurableClaim } from './replica.ts'

/** Claims of one teller that are kept. */
const maxTold = 256

interface Told {
  readonly teller: Uint8Array
  /** By device that claims and log. */
  readonly claims: Map<string, DurableClaim>
}

/**
 * Claims about entries that are not here yet. Nothing of them can be verified without the hash of the entry, so they are kept apart by
 * the twin that told them: whoever makes them up hides and crowds out none but those that it told itself.
 */
export class EarlyClaims {
  /** By twin that told them. */
  readonly #tellers = new Map<string, Told>()

  get isEmpty(): boolean {
    return this.#tellers.size === 0
  }

  put(teller: Uint8Array, claim: DurableClaim): void {
    const key = keyOf(claim.by, claim.log)
    const told = this.#tellers.get(bytesToHex(teller)) ?? { teller, claims: new Map() }
    const waiting = told.claims.get(key)
    if (waiting === undefined ? told.claims.size >= maxTold : waiting.seq >= claim.seq) return
    told.claims.set(key, claim)
    this.#tellers.set(bytesToHex(teller), told)
  }

  /** All of them, which are forgotten. */
  take(): Told[] {
    const all = [...this.#tellers.values()]
    this.#tellers.clear()
    return all
  }

  /** Up to where a device says by its own twin's word to hold a log. */
  saidBy(by: LogId, log: LogId): number {
    return this.#tellers.get(bytesToHex(by.twin))?.claims.get(keyOf(by, log))?.seq ?? 0
  }
}

function keyOf(by: LogId, log: LogId): string {
  return `${SpaceKeys.log(by.twin, by.device)}/${SpaceKeys.log(log.twin, log.device)}`
}
