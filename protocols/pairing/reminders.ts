import type { DeviceDirectory, DirectoryChange } from '../../crdt/identity/index.ts'
import { probationAt, scopesToPairing } from '../../crdt/identity/index.ts'
import type { Clock } from '../core/index.ts'
import type { FirstSights } from './first-sight.ts'
import { type Notice, probationMs, roles } from './protocol.ts'

/** When the owner is told of a new device, after it was let in. */
const remindersMs = [0, 3_600_000, 86_400_000]

export interface RemindersInit {
  readonly twin: Uint8Array
  readonly directory: Pick<DeviceDirectory, 'get' | 'onChange'>
  readonly sights: FirstSights
  readonly clock: Clock
  /** ms since 1970 */
  readonly now: () => number
}

/** Devices that can still be taken back, read off the device list, and when their owner is to be told of them. */
export class Reminders {
  readonly #init: RemindersInit

  constructor(init: RemindersInit) {
    this.#init = init
  }

  /** Those of now; the newest reminder of each. */
  async list(): Promise<Notice[]> {
    const { twin, directory, sights, now } = this.#init
    const list = directory.get(twin)
    const notices: Notice[] = []
    for (const { number, certificate } of list?.devices() ?? []) {
      const pairing = scopesToPairing(certificate.scopes)
      const role = roles.find(known => known === certificate.role)
      if (pairing === undefined || role === undefined || list!.isRevoked(number)) continue
      const until = pairing.at + probationMs
      if (now() >= until) continue
      const probationUntil = probationAt(certificate.scopes, now(), one => list!.isRevoked(one))
      const sight = await sights.get(number, certificate.transport)
      notices.push({
        number,
        name: certificate.name,
        role,
        ...(sight !== undefined && { platform: sight.platform, place: sight.place }),
        level: pairing.level,
        at: pairing.at,
        by: pairing.by,
        until,
        ...(probationUntil !== undefined && { probationUntil }),
        reminder: remindersMs.findLastIndex(after => now() >= pairing.at + after || after === 0)
      })
    }
    return notices
  }

  /** Each reminder when it is due, those of now first. */
  async *follow(signal: AbortSignal): AsyncGenerator<Notice> {
    const told = new Map<number, number>()
    while (!signal.aborted) {
      const waiting = this.#nextChange(signal)
      for (const notice of await this.list()) {
        if ((told.get(notice.number) ?? -1) >= notice.reminder) continue
        told.set(notice.number, notice.reminder)
        yield notice
      }
      await waiting
    }
  }

  /** Resolves with the next change of the own list, when the next reminder is due, or when nobody listens any more. */
  #nextChange(signal: AbortSignal): Promise<void> {
    const { directory, clock, twin, now } = this.#init
    const { promise, resolve } = Promise.withResolvers<void>()
    const isOwn = ({ list }: DirectoryChange) => list.twin.every((byte, index) => byte === twin[index])
    const undo = [directory.onChange(change => isOwn(change) && resolve())]
    const ages = (directory.get(twin)?.devices() ?? []).flatMap(({ certificate }) => {
      const pairing = scopesToPairing(certificate.scopes)
      return pairing === undefined ? [] : [now() - pairing.at]
    })
    const next = Math.min(...ages.flatMap(age => remindersMs.map(after => after - age).filter(left => left > 0)))
    if (Number.isFinite(next)) undo.push(clock.after(next, resolve, { background: true }))
    const stop = () => resolve()
    signal.addEventListener('abort', stop)
    undo.push(() => signal.removeEventListener('abort', stop))
    if (signal.aborted) resolve()
    return promise.finally(() => {
      for (const step of undo) step()
    })
  }
}
