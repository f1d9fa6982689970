import { equals } from 'uint8arrays/equals'
import { formerRecords, recordHash } from '../identity/index.ts'
import { bytesToHex, type DecidedHead, type LogHead, type LogId } from '../log/index.ts'
import { decodeWrap } from '../membership/index.ts'
import type { Conversations } from './conversations.ts'
import { milestonesFor, milestonesToTell, milestoneWanted } from './milestone-offer.ts'
import type { OpenSpace } from './open-space.ts'
import type {
  DurableClaim,
  Known,
  LogRun,
  MilestoneAnswer,
  MilestoneOffer,
  MilestoneResult,
  ReceiveResult,
  Replica,
  ReplicaEvents,
  SpaceInfo
} from './replica.ts'
import { SpaceError } from './space.ts'
import type { SpaceArrivals } from './space-arrivals.ts'
import type { SpacesContext } from './spaces-context.ts'

export interface LocalReplicaInit {
  readonly context: SpacesContext
  readonly conversations: Conversations
  readonly arrivals: SpaceArrivals
}

/** The side of all spaces that sync sees. */
export class LocalReplica implements Replica {
  readonly self: LogId
  readonly #init: LocalReplicaInit

  constructor(init: LocalReplicaInit) {
    const { me } = init.context.init
    this.#init = init
    this.self = { twin: me.twin, device: me.device }
  }

  on<K extends keyof ReplicaEvents>(event: K, listener: (detail: ReplicaEvents[K]) => void): () => void {
    return this.#init.context.news.sync.on(event, listener)
  }

  isRevoked({ twin, device }: LogId): boolean {
    const list = this.#init.context.init.directory.get(twin)
    return list?.device(device) !== undefined && list.isRevoked(device)
  }

  spacesWith(twin: Uint8Array): SpaceInfo[] {
    const spaces = [...this.#init.context.spaces].filter(
      ({ membership }) => membership.view?.numberOf(twin) !== undefined
    )
    return spaces.map(toInfo)
  }

  space(id: Uint8Array): SpaceInfo | undefined {
    const found = this.#init.context.spaces.find(id)
    return found && toInfo(found)
  }

  async *runs(space: Uint8Array, log: LogId, afterSeq: number): AsyncIterable<Uint8Array> {
    const found = this.#init.context.spaces.find(space)
    // A reader would take it that there are none
    if (found?.space.context.logs.isRead === false)
      throw new SpaceError('fenced', 'The store is closed after a failed write, and does not open yet')
    const held = found?.space.context.logs.find(log)
    if (found === undefined || held === undefined) return
    const end = found.space.context.quarantine.endOf(held.client)?.seq ?? Number.MAX_SAFE_INTEGER
    if (afterSeq >= end) return
    for await (const [last, run] of found.space.context.logs.runs(held, afterSeq)) {
      if (!found.space.sync.mayShow(held, last)) return
      yield run
      if (last >= end) return
    }
  }

  async receiveRuns(space: Uint8Array, runs: readonly LogRun[], from: LogId): Promise<ReceiveResult> {
    const found = this.#init.context.spaces.find(space)
    if (found !== undefined) return found.space.sync.receive(runs, from)
    return {
      accepted: 0,
      held: 0,
      durable: [],
      refused: { code: 'unknown-space', reason: 'The space is not known here' }
    }
  }

  milestonesFor(space: Uint8Array, frontier: readonly LogHead[], twin: Uint8Array): MilestoneOffer[] {
    const found = this.#init.context.spaces.find(space)
    return found === undefined ? [] : milestonesFor(found.space.context, found.space.milestones, frontier, twin)
  }

  milestonesToTell(space: Uint8Array, peer: LogId): Uint8Array[] {
    const found = this.#init.context.spaces.find(space)
    return found === undefined ? [] : milestonesToTell(found.space.context, found.space.milestones, peer)
  }

  milestoneWanted(space: Uint8Array, peer: LogId, answer: MilestoneAnswer): MilestoneOffer | undefined {
    const found = this.#init.context.spaces.find(space)
    return found && milestoneWanted(found.space.context, found.space.milestones, peer, answer)
  }

  async receiveMilestone(space: Uint8Array, milestone: Uint8Array): Promise<MilestoneResult> {
    return (await this.#init.context.spaces.find(space)?.space.sync.receiveMilestone(milestone)) ?? {}
  }

  async receivePart(space: Uint8Array, part: Uint8Array): Promise<void> {
    await this.#init.context.spaces.find(space)?.space.sync.receivePart(part)
  }

  async completeMilestone(space: Uint8Array): Promise<MilestoneResult> {
    return (await this.#init.context.spaces.find(space)?.space.sync.completeMilestone()) ?? {}
  }

  records(space: Uint8Array, after: DecidedHead | undefined, forTwin: Uint8Array) {
    const found = this.#init.context.spaces.find(space)
    if (found === undefined) return { records: [], wraps: [] }
    const records = found.membership.since(after)
    const { view } = found.membership
    if (view?.numberOf(forTwin) === undefined) {
      // Who was removed learns that, and nothing of what was decided afterwards
      const removal = view?.removals.findLast(({ member }) => equals(member.twin, forTwin))
      const { crypto } = this.#init.context.init
      const end = removal && records.findIndex(record => equals(recordHash(record, crypto), removal.record))
      return { records: end === undefined ? [] : records.slice(0, end + 1), wraps: [] }
    }
    const wraps = [...found.records.wraps].filter(wrap => equals(decodeWrap(wrap).twin, forTwin))
    return { records, wraps }
  }

  receiveRecords(
    id: Uint8Array,
    records: readonly Uint8Array[],
    wraps: readonly Uint8Array[],
    from: LogId
  ): ReturnType<Replica['receiveRecords']> {
    return this.#init.arrivals.receive({ id, records, wraps, from })
  }

  deviceHeads(twins: Iterable<Uint8Array>): [Uint8Array, number, number, Uint8Array][] {
    return this.#init.context.init.directory.heads(twins).map(([twin, term, seq, hash]) => [twin, term, seq, hash])
  }

  twinsSharedWith(twin: Uint8Array): Uint8Array[] {
    const twins = new Map<string, Uint8Array>()
    for (const { membership } of this.#init.context.spaces) {
      if (membership.view?.numberOf(twin) === undefined) continue
      for (const member of membership.view.members) twins.set(bytesToHex(member.twin), member.twin)
    }
    return [...twins.values()]
  }

  deviceRecords(twin: Uint8Array, after?: DecidedHead): Uint8Array[] {
    return this.#init.context.init.directory.get(twin)?.since(after) ?? []
  }

  receiveDevices(twin: Uint8Array, records: readonly Uint8Array[], _from: LogId) {
    return this.#init.context.init.directory.receive(twin, records)
  }

  durable(space: Uint8Array): DurableClaim[] {
    return this.#init.context.spaces.find(space)?.space.durability.all() ?? []
  }

  async receiveDurable(space: Uint8Array, claims: readonly DurableClaim[], from: LogId): Promise<void> {
    await this.#init.context.spaces.find(space)?.space.sync.receiveDurable(claims, from)
  }

  formerRecords(twin: Uint8Array): Uint8Array[] {
    const list = this.#init.context.init.directory.get(twin)
    return list === undefined ? [] : formerRecords(list)
  }

  unsure(twin: Uint8Array): Uint8Array | undefined {
    return this.#init.conversations.unsure(twin)
  }

  heard(space: Uint8Array, from: LogId, news: number | 'done' | 'ended' | 'unknown', hash?: Uint8Array): void {
    if (news === 'unknown') this.#init.conversations.unknownBy(space, from.twin)
    else this.#init.context.spaces.find(space)?.space.sync.heard(from, news, hash)
  }

  knows(from: LogId, known: Known): void {
    this.#init.context.news.sync.emit('knows', { ...known, from })
  }

  receiveAwareness(space: Uint8Array, document: string, bytes: Uint8Array, from: LogId): void {
    const found = this.#init.context.spaces.find(space)
    if (found?.space.state === 'open') found.space.presence.receive(document, bytes, from)
  }

  presence(space: Uint8Array, twin: Uint8Array) {
    return this.#init.context.spaces.find(space)?.space.presence.for(twin) ?? []
  }
}

function toInfo({ space, membership }: OpenSpace): SpaceInfo {
  return {
    id: space.id,
    state: space.state,
    mhead: membership.head!,
    isUnread: !space.context.logs.isRead,
    removal: membership.view?.removals.at(-1)?.record,
    frontier: () => (space.state === 'offered' ? [] : space.sync.frontier()),
    isMember: twin => membership.view?.numberOf(twin) !== undefined,
    mayRead: twin => membership.view?.mayRead(twin) === true
  }
}
