import type { DecidedHead, LogHead, LogId } from '../log/index.ts'

/** `offered`: known, not accepted, nothing but records is taken. `frozen`: nothing new is taken, all that is held is served. */
export type SpaceState = 'open' | 'offered' | 'frozen'

/** What the sync session needs to know about one space; a live view, ask again instead of keeping copies. */
export interface SpaceInfo {
  readonly id: Uint8Array
  readonly state: SpaceState
  readonly mhead: DecidedHead
  /** Heads of all logs held here, durable ones only. Empty while the space is `offered`. */
  frontier(): LogHead[]
  /** The store does not open after a failed write, so that the frontier is empty whatever is held here; `space` is told when it is read. */
  readonly isUnread?: boolean
  /** Hash of the record that took away a member last. */
  readonly removal?: Uint8Array
  /** Whether this twin is a member now (its devices may be served). */
  isMember(twin: Uint8Array): boolean
  /** Whether it is a member that has the keys: others are told nothing in the clear. */
  mayRead(twin: Uint8Array): boolean
}

/** A device says that it holds `log` up to `seq` on synced storage (FORMATS §9); the hash is the reader's own. */
export interface DurableClaim {
  readonly by: LogId
  readonly log: LogId
  readonly seq: number
  readonly signature: Uint8Array
}

export interface LogRun {
  readonly log: LogId
  /** FORMATS §7; `prev` may be null when the entry before is already held or comes earlier in the same call. */
  readonly run: Uint8Array
}

/** Why runs were not taken. Only `later` is worth another try in the same session (after records or devices arrived). */
export type RefusalCode =
  | 'malformed'
  | 'signature'
  | 'chain'
  | 'membership'
  | 'fork'
  | 'unknown-space'
  | 'budget'
  | 'later'
  | 'failed'

export interface ReceiveResult {
  /** Entries that are new here and now on synced storage, or held until what they depend on arrives. */
  readonly accepted: number
  /** Entries that wait for what they depend on (a bounded number; they are not acknowledged and not forwarded). */
  readonly held: number
  /** New heads of the logs that grew, on synced storage. */
  readonly durable: readonly LogHead[]
  /** The first reason something of it was refused; the rest of the call was still taken. */
  readonly refused?: { readonly code: RefusalCode; readonly reason: string; readonly log?: LogId }
}

/** Whether a milestone of a writer is wanted with its parts, or not needed (any more). */
export interface MilestoneAnswer {
  readonly by: LogId
  readonly number: number
  readonly wants: boolean
}

/** What became of a milestone that was offered. */
export interface MilestoneResult {
  /** What the peer is to be told; only those who announce milestones of writers understand it. */
  readonly answer?: MilestoneAnswer
  readonly refused?: { readonly code: RefusalCode; readonly reason: string }
}

/** A milestone that a peer is to get before what lies behind it (FORMATS §20). */
export interface MilestoneOffer {
  /** Names it. */
  readonly key: string
  readonly milestone: Uint8Array
  /** Heads that it covers: runs behind them follow. */
  readonly logs: readonly LogHead[]
  parts(): AsyncIterable<Uint8Array>
}

export interface ReplicaEvents {
  /** A run is on synced storage here: own (`from` undefined) or received. Forward to every member but `from`. */
  runs: {
    readonly space: Uint8Array
    readonly log: LogId
    readonly run: Uint8Array
    readonly first: number
    readonly last: number
    readonly from?: LogId
  }
  /** New signed durable claims: own (`from` undefined) or received and checked. */
  durable: { readonly space: Uint8Array; readonly claims: readonly DurableClaim[]; readonly from?: LogId }
  /** Membership records or wraps were added: send those after what the peer has. */
  records: {
    readonly space: Uint8Array
    readonly records: readonly Uint8Array[]
    readonly wraps: readonly Uint8Array[]
    readonly from?: LogId
  }
  /** A milestone is here that peers may hold in place of entries. */
  milestone: { readonly space: Uint8Array }
  /** A peer showed that it lacks nothing of a device list, or of the membership of a space. */
  knows: Known & { readonly from: LogId }
  /** A space appeared, its state changed (accepted, frozen, removed from it), or it can be read again: send OPEN again. */
  space: { readonly space: Uint8Array }
  /** A device list grew. */
  devices: { readonly twin: Uint8Array }
  /** Presence of local editors, or what is passed on; never stored. */
  awareness: {
    readonly space: Uint8Array
    readonly document: string
    readonly bytes: Uint8Array
    /** The device it came from */
    readonly from?: LogId
    /** For devices of this twin only */
    readonly ownOnly?: boolean
    /** For these devices only, or for all but these */
    readonly only?: readonly LogId[]
    readonly except?: readonly LogId[]
  }
}

/** A device list, by its twin, or the membership records of a space. */
export interface Known {
  readonly kind: 'devices' | 'members'
  readonly id: Uint8Array
}

/** What a sync session talks to: verified in, durable out. Every promise that resolves means "on synced storage". */
export interface Replica {
  /** The device this replica writes as. */
  readonly self: LogId

  /** Whether a device was revoked: nothing more is told to it. */
  isRevoked(device: LogId): boolean

  /** Spaces to open with a device of this twin: those it is a member of; for the own twin all. */
  spacesWith(twin: Uint8Array): SpaceInfo[]
  space(id: Uint8Array): SpaceInfo | undefined

  /** Stored runs in order whose last entry is beyond `afterSeq`; the first may begin at or before it. Complete bytes, `prev` filled in. */
  runs(space: Uint8Array, log: LogId, afterSeq: number): AsyncIterable<Uint8Array>
  receiveRuns(space: Uint8Array, runs: readonly LogRun[], from: LogId): Promise<ReceiveResult>

  /** Milestones for a device of a twin that has this much, if it needs some or is served sooner by one. */
  milestonesFor(space: Uint8Array, frontier: readonly LogHead[], twin: Uint8Array): MilestoneOffer[]
  /** Milestones of writers that a peer which lacks nothing of them is told of, without their parts. */
  milestonesToTell?(space: Uint8Array, peer: LogId): Uint8Array[]
  /** The peer answered such a milestone: what it is to get, if it wants it. */
  milestoneWanted?(space: Uint8Array, peer: LogId, answer: MilestoneAnswer): MilestoneOffer | undefined
  /** Refused, not needed, or its parts are awaited. */
  receiveMilestone(space: Uint8Array, milestone: Uint8Array): Promise<MilestoneResult>
  receivePart(space: Uint8Array, part: Uint8Array): Promise<void>
  /** All parts were sent. Resolves when the documents have changed, or it was refused. */
  completeMilestone(space: Uint8Array): Promise<MilestoneResult>

  /**
   * Membership records beyond `after` and the wraps for this twin's devices; all records when `after` is not on our chain. For a twin
   * that was removed only those up to its removal, and none for one that never was a member.
   */
  records(
    space: Uint8Array,
    after: DecidedHead | undefined,
    forTwin: Uint8Array
  ): { records: Uint8Array[]; wraps: Uint8Array[] }
  /** Verified and stored. Creates an offered (or, for own twin and accepted kinds, open) space when the genesis is among them. */
  receiveRecords(
    space: Uint8Array,
    records: readonly Uint8Array[],
    wraps: readonly Uint8Array[],
    from: LogId
  ): Promise<{ changed: boolean; refused?: string }>

  /** Heads of device lists of this twin set, and their records. */
  deviceHeads(twins: Iterable<Uint8Array>): [twin: Uint8Array, term: number, seq: number, hash: Uint8Array][]
  /** Twins of the spaces shared with this twin (for HEADS). */
  twinsSharedWith(twin: Uint8Array): Uint8Array[]
  deviceRecords(twin: Uint8Array, after?: DecidedHead): Uint8Array[]
  receiveDevices(
    twin: Uint8Array,
    records: readonly Uint8Array[],
    from: LogId
  ): Promise<'newer' | 'same' | 'older' | 'refused'>

  /** Newest signed claims known about this space, own ones included. */
  durable(space: Uint8Array): DurableClaim[]
  /** Checked against the device list and the own chain; claims beyond the own chain are held, false ones dropped. */
  receiveDurable(space: Uint8Array, claims: readonly DurableClaim[], from: LogId): Promise<void>

  /**
   * What a session hears of this device's own log in a space: that the peer has it up to an entry (its OPEN, with the hash), that the peer has sent
   * all it had (its DONE), or that the session has ended. `unknown`: the peer says that it knows nothing of a space that is not here.
   */
  heard?(space: Uint8Array, from: LogId, news: number | 'done' | 'ended' | 'unknown', hash?: Uint8Array): void
  /** The peer has all of this that is known here. */
  knows?(from: LogId, known: Known): void
  /** A space to ask a device of this twin for, which may have it though it is not here. */
  unsure?(twin: Uint8Array): Uint8Array | undefined
  /** What a device of this twin, restored on a bare machine, may lack of what was decided before. */
  formerRecords?(twin: Uint8Array): Uint8Array[]

  receiveAwareness(space: Uint8Array, document: string, bytes: Uint8Array, from: LogId): void
  /** Who is present, for a device of a twin that is newly connected. */
  presence?(space: Uint8Array, twin: Uint8Array): readonly { readonly document: string; readonly bytes: Uint8Array }[]

  /** Listens until the returned function is called. Listeners are called after the batch was synced; they must not throw. */
  on<K extends keyof ReplicaEvents>(event: K, listener: (detail: ReplicaEvents[K]) => void): () => void
}
