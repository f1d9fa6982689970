import { equals } from 'uint8arrays/equals'
import type { Space, Spaces } from '../../crdt/index.ts'

/** What happened since the start because the disk had been set back, for the owner to be told. */
export class Setbacks {
  returned = 0
  resubmitted = 0
  readonly #spaces: Spaces

  constructor(spaces: Spaces) {
    this.#spaces = spaces
    spaces.on('restored', ({ returned, resubmitted }) => {
      this.returned += returned
      this.resubmitted += resubmitted
    })
  }

  /** Own entries that others hold in milestones only, for this device to go on behind as a new one */
  get behind(): number {
    return this.#spaces.list().reduce((sum, space) => sum + space.review().behind, 0)
  }

  /** Own logs of which two histories got out */
  get forks(): number {
    const { twin, device } = this.#spaces.replica.self
    const isForked = (space: Space): boolean =>
      space.review().logs.some(({ log, isFrozen }) => isFrozen && log.device === device && equals(log.twin, twin))
    return this.#spaces.list().filter(isForked).length
  }
}
