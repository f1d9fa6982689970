import { type DeviceDirectory, isVisit } from '../../crdt/identity/index.ts'
import type { Me, Spaces } from '../../crdt/index.ts'
import { type Clock, type Logger, silentLogger } from '../core/index.ts'

export interface VisitsInit {
  readonly me: Pick<Me, 'twin' | 'signer'>
  readonly directory: Pick<DeviceDirectory, 'get' | 'onChange'>
  readonly spaces: Pick<Spaces, 'revokeDevice'>
  readonly clock: Clock
  /** ms since 1970 */
  readonly now: () => number
  readonly log?: Logger
}

/** What could not be recorded is tried again after this */
const againMs = 60_000

/**
 * Ends visits: revokes each when its time is over, also those that were over while nothing ran. Connections and sessions end with that, and
 * what is written afterwards is under keys that the visit never had. Every node that may does it: the keeper records it, others refuse on sight.
 */
export class Visits {
  readonly #init: VisitsInit
  #ending: Promise<void> = Promise.resolve()
  #ignore = () => {}
  #callOff = () => {}
  #isStopped = true

  constructor(init: VisitsInit) {
    this.#init = init
  }

  start(): void {
    if (!this.#isStopped) return
    this.#isStopped = false
    this.#ignore = this.#init.directory.onChange(() => this.#look())
    this.#look()
  }

  stop(): void {
    this.#isStopped = true
    this.#ignore()
    this.#callOff()
  }

  #look(): void {
    this.#ending = this.#ending.then(() => this.#end())
  }

  async #end(): Promise<void> {
    const { clock, now, spaces, log = silentLogger } = this.#init
    if (this.#isStopped) return
    this.#callOff()
    let pauseMs = Number.POSITIVE_INFINITY
    for (const { number, certificate } of this.#live()) {
      const leftMs = certificate.expires - now()
      if (leftMs > 0) {
        pauseMs = Math.min(pauseMs, leftMs)
        continue
      }
      try {
        await spaces.revokeDevice(number)
      } catch (error) {
        log.warn('A visit that is over was not revoked: %o', error)
        pauseMs = Math.min(pauseMs, againMs)
      }
    }
    if (this.#isStopped || pauseMs === Number.POSITIVE_INFINITY) return
    this.#callOff = clock.after(pauseMs, () => this.#look(), { background: true })
  }

  #live() {
    const { directory, me } = this.#init
    const list = directory.get(me.twin)
    if (list === undefined || !list.isAdmin(me.signer.publicKey)) return []
    return list.devices().filter(({ number, certificate }) => isVisit(certificate) && !list.isRevoked(number))
  }
}
