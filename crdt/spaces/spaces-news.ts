import { Emitter } from './emitter.ts'
import type { ReplicaEvents } from './replica.ts'
import type { SpaceLogger, SpacesEvents } from './spaces.ts'

/** What has to be followed up here, once everybody else was told. */
export interface FollowUps {
  /** Runs are on synced storage: what could not be written may be tried again. */
  stored: Record<string, never>
  /** A peer has sent all it had of a space. */
  answered: Record<string, never>
}

/** Who hears of what happens in the spaces of a device. */
export class SpacesNews {
  /** Sync sessions */
  readonly sync: Emitter<ReplicaEvents>
  /** Whoever opened the spaces */
  readonly owner: Emitter<SpacesEvents>
  readonly followUps: Emitter<FollowUps>

  constructor(log: SpaceLogger) {
    this.sync = new Emitter(log)
    this.owner = new Emitter(log)
    this.followUps = new Emitter(log)
  }
}
