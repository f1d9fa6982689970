import { type DeviceDirectory, twinToText } from '../crdt/identity/index.ts'
import { type Logger, systemClock } from '../protocols/core/index.ts'
import { type Home, readSeen, type Seen, writeSeen } from './home/index.ts'
import type { Mesh } from './mesh/index.ts'

/** A crash loses at most what was seen within this time, and a network that comes and goes writes no more often. */
const writeEveryMs = 60_000

export interface LastSeenInit {
  readonly home: Home
  readonly mesh: Pick<Mesh, 'on' | 'isConnected'>
  readonly directory: Pick<DeviceDirectory, 'get'>
  readonly twin: Uint8Array
  readonly log: Logger
}

/** When each device of the twin was connected last, also before this one was started. */
export class LastSeen {
  readonly #init: LastSeenInit
  readonly #seen: Map<string, number>
  readonly #stops: (() => void)[]
  #callOff: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(init: LastSeenInit, seen: Seen) {
    this.#init = init
    this.#seen = new Map(seen)
    const note = ({ peer }: { peer: string }) => this.#note(peer)
    this.#stops = [init.mesh.on('peer:connect', note), init.mesh.on('peer:disconnect', note)]
  }

  static async open(init: LastSeenInit): Promise<LastSeen> {
    return new LastSeen(init, await readSeen(init.home))
  }

  of(peer: string): number | undefined {
    return this.#seen.get(peer)
  }

  /** Before connections are closed: who is here now was here last now. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    for (const peer of this.#devices()) if (this.#init.mesh.isConnected(peer)) this.#seen.set(peer, Date.now())
    this.#callOff?.()
    this.#write()
    await this.#writing
  }

  /** Others are forgotten at once: whoever comes and goes must not fill the memory. */
  #note(peer: string): void {
    if (!this.#devices().includes(peer)) return
    this.#seen.set(peer, Date.now())
    this.#callOff ??= systemClock.after(writeEveryMs, () => this.#write(), { background: true })
  }

  #write(): void {
    this.#callOff = undefined
    const { home, log } = this.#init
    if (this.#seen.size === 0) return
    this.#writing = this.#writing
      .then(() => writeSeen(home, this.#seen))
      .catch(error => log.warn('When devices were seen was not kept: %o', error))
  }

  #devices(): string[] {
    const { directory, twin } = this.#init
    return (directory.get(twin)?.devices() ?? []).map(({ certificate }) => twinToText(certificate.transport))
  }
}
