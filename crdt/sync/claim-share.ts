import { isSameLog, type LogId } from '../log/index.ts'
import type { DurableClaim } from '../spaces/index.ts'
import { logKey } from './numbers.ts'
import type { Outbox } from './outbox.ts'

/** Passes durable claims on, each once: own ones and those of devices that the peer may never meet. */
export class ClaimShare {
  readonly #remote: LogId
  readonly #outbox: Outbox
  /** Newest sequence that went out, by space, device and log */
  readonly #sent = new Map<string, number>()

  constructor(remote: LogId, outbox: Outbox) {
    this.#remote = remote
    this.#outbox = outbox
  }

  send(key: string, claims: readonly DurableClaim[]): void {
    for (const claim of claims) {
      // What a device says about its own log, or is told about its own word, is no news
      if (isSameLog(claim.by, this.#remote) || isSameLog(claim.by, claim.log)) continue
      const name = `${key}${logKey(claim.by)}${logKey(claim.log)}`
      if ((this.#sent.get(name) ?? 0) >= claim.seq) continue
      this.#sent.set(name, claim.seq)
      this.#outbox.queueClaim(key, claim, name)
    }
  }
}
