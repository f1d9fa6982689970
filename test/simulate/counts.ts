import type { DiskCounts } from './disk.ts'

/** What happened in a simulation. */
export interface Counts extends DiskCounts {
  events: number
  messages: number
  messagesLost: number
  messagesDelayed: number
  partitions: number
  oneWayPartitions: number
  linksUp: number
  linksBroken: number
  parallelSessions: number
  duplicates: number
  reordered: number
  crashes: number
  crashesWhileStarting: number
  stops: number
  restarts: number
  fences: number
  acknowledged: number
  refusedWrites: number
  memberChanges: number
  clockJumps: number
  compactions: number
  droppedEntries: number
  /** Simulations whose replicas differed at the end, or that lost what was acknowledged */
  diverged: number
  lost: number
}

export function newCounts(): Counts {
  return {
    events: 0,
    messages: 0,
    messagesLost: 0,
    messagesDelayed: 0,
    partitions: 0,
    oneWayPartitions: 0,
    linksUp: 0,
    linksBroken: 0,
    parallelSessions: 0,
    duplicates: 0,
    reordered: 0,
    crashes: 0,
    crashesWhileStarting: 0,
    stops: 0,
    restarts: 0,
    fences: 0,
    acknowledged: 0,
    refusedWrites: 0,
    memberChanges: 0,
    clockJumps: 0,
    compactions: 0,
    droppedEntries: 0,
    writes: 0,
    failedWrites: 0,
    keptInFlight: 0,
    lostInFlight: 0,
    lostUnsynced: 0,
    diverged: 0,
    lost: 0
  }
}

export function addCounts(sum: Counts, more: Counts): void {
  for (const key of Object.keys(more) as (keyof Counts)[]) sum[key] += more[key]
}

/** Must have happened in every simulation, or it has shown little. */
const always: readonly (keyof Counts)[] = [
  'messagesLost',
  'partitions',
  'linksBroken',
  'crashes',
  'restarts',
  'acknowledged'
]

/** Must have happened in some simulation of a run of at least twenty. Links that break at every loss leave few messages to repeat. */
const sometimes: readonly (keyof Counts)[] = [
  'oneWayPartitions',
  'duplicates',
  'reordered',
  'messagesDelayed',
  'parallelSessions',
  'crashesWhileStarting',
  'stops',
  'failedWrites',
  'fences',
  'keptInFlight',
  'lostInFlight',
  'refusedWrites',
  'memberChanges',
  'clockJumps',
  'compactions',
  'droppedEntries'
]

const fewSeeds = 20

/** Faults that never happened in one simulation. */
export function missingInOne(counts: Counts, partitions: number): string[] {
  const missing = always.filter(key => counts[key] === 0).map(key => `${key} is 0`)
  if (counts.partitions < partitions) missing.push(`partitions is ${counts.partitions}, not ${partitions}`)
  return missing
}

/** Faults that never happened in a whole run. */
export function missingInAll(counts: Counts, seeds: number): string[] {
  return seeds < fewSeeds ? [] : sometimes.filter(key => counts[key] === 0).map(key => `${key} is 0`)
}
