import { type DeviceDirectory, twinToText } from '../crdt/identity/index.ts'
import type { Mesh } from './mesh/index.ts'

/** When each device of the twin was connected last, since this one runs. */
export class LastSeen {
  readonly #seen = new Map<string, number>()
  readonly stop: () => void

  constructor(mesh: Pick<Mesh, 'on'>, directory: Pick<DeviceDirectory, 'get'>, twin: Uint8Array) {
    this.stop = mesh.on('peer:disconnect', ({ peer }) => {
      // Others are forgotten at once: whoever comes and goes must not fill the memory
      const own = directory.get(twin)?.devices() ?? []
      if (own.some(({ certificate }) => twinToText(certificate.transport) === peer)) this.#seen.set(peer, Date.now())
    })
  }

  of(peer: string): number | undefined {
    return this.#seen.get(peer)
  }
}
