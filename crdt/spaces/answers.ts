import { equals } from 'uint8arrays/equals'
import type { LogId } from '../log/index.ts'
import { SpaceKeys } from '../store/index.ts'
import type { Durability } from './durability.ts'
import type { SpaceContext } from './space-context.ts'

/** Which devices have sent all they had of a space since the start. */
export class Answers {
  readonly #context: SpaceContext
  readonly #answered = new Set<string>()

  constructor(context: SpaceContext) {
    this.#context = context
  }

  add({ twin, device }: LogId): void {
    this.#answered.add(SpaceKeys.log(twin, device))
  }

  /** Whether every other device that stores for long has, and none has signed that it holds more of the log than is here. */
  areComplete(log: LogId, durability: Durability): boolean {
    const { directory, membership, me, logs } = this.#context
    const here = logs.find(log)?.durable ?? 0
    for (const { twin } of membership.view?.members ?? []) {
      const list = directory.get(twin)
      // Without its list nothing is known of its devices
      if (list === undefined) return false
      for (const { number, certificate } of list.devices()) {
        if (certificate.role !== 'node' || list.isRevoked(number)) continue
        if (number === me.device && equals(twin, me.twin)) continue
        if (!this.#answered.has(SpaceKeys.log(twin, number))) return false
        if (durability.signedBy({ twin, device: number }, log) > here) return false
      }
    }
    return true
  }
}
