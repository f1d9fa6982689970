import type { Spaces } from '../../crdt/index.ts'

/** What happened since the start because the disk had been set back, for the owner to be told. */
export class Setbacks {
  returned = 0
  resubmitted = 0
  /** Own logs of which two histories got out */
  forks = 0

  constructor(spaces: Spaces) {
    const { twin, device } = spaces.replica.self
    spaces.on('restored', ({ returned, resubmitted }) => {
      this.returned += returned
      this.resubmitted += resubmitted
    })
    spaces.on('fork', fork => {
      if (fork.device === device && Buffer.compare(fork.twin, twin) === 0) this.forks++
    })
  }
}
