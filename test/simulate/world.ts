import type { Crypto } from '../../crdt/index.ts'
import type { Counts } from './counts.ts'
import type { EventLog } from './event-log.ts'
import type { Random } from './random.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What all parts of one simulation share. */
export interface World {
  readonly time: VirtualTime
  readonly random: Random
  readonly crypto: Crypto
  readonly counts: Counts
  readonly log: EventLog
  readonly options: SimulationOptions
  /** Notes what must never happen; the simulation ends with it. */
  violate(what: string): void
}

/** Chosen by the seed where the caller chooses nothing; printed when a simulation fails. */
export interface SimulationOptions {
  readonly seed: number
  readonly realCrypto: boolean
  readonly twins: number
  /** Partitions while faults go on, at least */
  readonly partitions: number
  /** Steps of the workload */
  readonly steps: number
  /** Probability that a message is lost on its way */
  readonly loss: number
  /** Share of lost messages that break the connection; the others are sent again by the transport, late */
  readonly breaking: number
  /** Who is connected with whom: a ring with so many chords */
  readonly chords: number
  /** Mean time between crashes of some twin (ms) */
  readonly crashEveryMs: number
  /** Probability that a write to a disk fails */
  readonly diskFailure: number
  /** Disks that are full for a while */
  readonly fullDisks: number
  /** Time between steps of the workload (ms), at the mean */
  readonly stepMs: number
  /** Whether disks do what they are told when a write is to be synced; false shows that the simulation finds out */
  readonly disksSync: boolean
}
