import type { Replica } from '../spaces/index.ts'
import { type SyncError, SyncSession } from './index.ts'

/** One end of a link. */
export interface End {
  readonly session: SyncSession
  /** Items it received, in order. */
  readonly received: Uint8Array[]
  readonly errors: unknown[]
}

/** Two sessions joined in memory, each item a turn of its own, as on a stream. */
export class Link {
  readonly ends: readonly [End, End]
  #inFlight = 0
  #isCut = false
  /** Items on their way, both directions together. */
  get inFlight(): number {
    return this.#inFlight
  }

  constructor(
    one: Replica,
    other: Replica,
    options: { onItem?: (item: Uint8Array, to: 0 | 1) => Uint8Array | undefined } = {}
  ) {
    const queues: [Uint8Array[], Uint8Array[]] = [[], []]
    const pumping = [false, false]
    const pump = async (to: 0 | 1): Promise<void> => {
      if (pumping[to]) return
      pumping[to] = true
      for (let item = queues[to].shift(); item !== undefined; item = queues[to].shift()) {
        await new Promise(setImmediate)
        const end = this.ends[to]
        const taken = options.onItem === undefined ? item : options.onItem(item, to)
        if (taken !== undefined && !this.#isCut) {
          end.received.push(taken)
          try {
            await end.session.receive(taken)
          } catch (error) {
            end.errors.push(error)
            this.cut()
          }
        }
        this.#inFlight--
      }
      pumping[to] = false
    }
    const create = (replica: Replica, remote: Replica, to: 0 | 1): End => ({
      received: [],
      errors: [],
      session: new SyncSession({
        replica,
        remote: remote.self,
        clock: () => 0,
        send: item => {
          if (this.#isCut) throw new Error('The link is cut')
          this.#inFlight++
          queues[to].push(item)
          void pump(to)
        }
      })
    })
    this.ends = [create(one, other, 1), create(other, one, 0)]
  }

  start(): this {
    for (const { session } of this.ends) session.start()
    return this
  }

  cut(): void {
    this.#isCut = true
    for (const { session } of this.ends) session.close()
  }

  errors(): unknown[] {
    return this.ends.flatMap(({ errors, session }) => [...errors, ...errorOf(session)])
  }
}

function errorOf(session: SyncSession): SyncError[] {
  const { error } = session.progress()
  return error === undefined ? [] : [error]
}

/** Resolves when nothing has been on its way for a few turns. */
export async function settle(...links: Link[]): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    // Verifying and opening happen in other threads: what was begun before is done after this
    await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(1))
    await new Promise(setImmediate)
    quiet = links.some(link => link.inFlight > 0) ? 0 : quiet + 1
  }
}

/** Waits for what other turns bring about. */
export async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise(setImmediate)
}
