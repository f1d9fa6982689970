import { equals } from 'uint8arrays/equals'
import type { EntryInfo } from '../documents/index.ts'
import { bytesToHex, clientId, type LogId } from '../log/index.ts'
import {
  decodeMilestone,
  encodeMilestone,
  type ListedDocument,
  type Milestone,
  openList,
  openPart,
  seqAt,
  snapshotKey
} from '../milestone/index.ts'
import { afterPrefix, type Batch, SpaceKeys, StoreError } from '../store/index.ts'
import { type HeldMilestone, hold, nobody, type Snapshot, type StoredState } from './held-milestone.ts'
import type { Frontier } from './replay.ts'
import type { SpaceContext } from './space-context.ts'

/** The milestones that documents of a space are read from. Of several, each has what the others lack: a document is all that they have of it. */
export class Milestones {
  readonly #context: SpaceContext
  #held = new Map<string, HeldMilestone>()
  /** Numbers of milestones that peers said to hold, while this twin runs. */
  readonly #heldBy = new Map<string, number>()
  /** What `hasBeyond` was asked for, by document. */
  readonly #beyond = new Map<string, Map<number, number>>()

  constructor(context: SpaceContext) {
    this.#context = context
  }

  async load(): Promise<void> {
    const { store, keys, log } = this.#context
    const all = new Map<string, HeldMilestone>()
    for await (const [key, value] of store.under(keys.milestones)) {
      const held = await this.open(decodeMilestone(value))
      if (held === undefined) log.error('A milestone does not open: documents before it cannot be read', key.slice(-4))
      else all.set(keyOf(held.milestone.by), held)
    }
    this.#held = all
    this.#beyond.clear()
    await this.#clean()
  }

  /** With its documents, if the key is here and it is sound. A blind replica holds it sealed, for others. */
  async open(milestone: Milestone): Promise<HeldMilestone | undefined> {
    const { crypto, me, membership } = this.#context
    if (membership.view?.roleOf(me.twin) === 'replica') return hold(milestone, [])
    const key = this.key(milestone.by, milestone.epoch)
    const listed = key && (await openList(milestone, key, crypto))
    return listed && hold(milestone, listed)
  }

  key(by: LogId, epoch: number): Uint8Array | undefined {
    const { keyRing, crypto, id } = this.#context
    const epochKey = keyRing.get(epoch)
    return epochKey && snapshotKey(crypto, epochKey, id, by)
  }

  [Symbol.iterator](): IterableIterator<HeldMilestone> {
    return this.#held.values()
  }

  by(author: LogId): HeldMilestone | undefined {
    return this.#held.get(keyOf(author))
  }

  heldBy(peer: LogId, { by, number }: Milestone): void {
    this.#heldBy.set(`${keyOf(peer)} ${keyOf(by)}`, number)
  }

  isHeldBy(peer: LogId, { by, number }: Milestone): boolean {
    return keyOf(peer) === keyOf(by) || this.#heldBy.get(`${keyOf(peer)} ${keyOf(by)}`) === number
  }

  /** The snapshots of a document, one of each milestone that has it. */
  of(document: string): Snapshot[] {
    return [...this.#held.values()].flatMap(({ documents }) => documents.get(document) ?? [])
  }

  /** A document as the last milestone of this device has it, if no other has it. */
  own(document: string): { readonly listed: ListedDocument; readonly parts: Milestone['parts'] } | undefined {
    const { twin, device } = this.#context.me
    const snapshot = this.by({ twin, device })?.documents.get(document)
    if (snapshot === undefined || this.of(document).length > 1) return undefined
    const parts = new Map(snapshot.milestone.parts.map(part => [bytesToHex(part[0]), part]))
    return { listed: snapshot.listed, parts: snapshot.hashes.map(hash => parts.get(bytesToHex(hash))!) }
  }

  /** Whether milestones that are here have what this one does, or a newer one of its device is here. */
  covers({ by, number, logs }: Milestone): boolean {
    if ((this.by(by)?.milestone.number ?? 0) >= number) return true
    return [...this.#held.values()].some(({ milestone }) => isWithin(logs, milestone.logs))
  }

  /** What milestones cover, by Yjs client: documents that they do not list have nothing up to there. */
  get floor(): Map<number, number> {
    const floor = new Map<number, number>()
    for (const { milestone } of this.#held.values()) this.#cover(floor, milestone.logs)
    return floor
  }

  /** What the snapshots of a document cover, and what it has no entries of. */
  covered(document: string): Frontier {
    const covered = this.floor
    for (const { listed } of this.of(document)) this.#cover(covered, listed.beyond)
    return covered
  }

  /** Whether a snapshot of a document has the entry, though it is behind the heads of the milestone. */
  hasBeyond(document: string, client: number, seq: number): boolean {
    if (this.#held.size === 0) return false
    let beyond = this.#beyond.get(document)
    if (beyond === undefined) {
      beyond = new Map()
      for (const { listed } of this.of(document)) this.#cover(beyond, listed.beyond)
      this.#beyond.set(document, beyond)
    }
    return seq <= (beyond.get(client) ?? 0)
  }

  #cover(covered: Map<number, number>, logs: Iterable<readonly [Uint8Array, number, number, ...unknown[]]>): void {
    for (const [twin, device, seq] of logs) {
      const member = this.#context.facts.numberOf(twin)
      if (member === undefined) continue
      const client = clientId(member, device)
      covered.set(client, Math.max(seq, covered.get(client) ?? 0))
    }
  }

  /** The states that make a document, applied one after the other; none when no milestone has it. @throws {StoreError} */
  async states(document: string): Promise<StoredState[]> {
    const states: StoredState[] = []
    for (const snapshot of this.of(document)) {
      const state = await this.state(snapshot)
      if (state === undefined) {
        throw new StoreError('corrupt', 'The store is damaged: the snapshot of a document cannot be read')
      }
      states.push({ state, info: this.infoOf(snapshot) })
    }
    return states
  }

  /** What the rows of a state are to say of who wrote it when, as far as the snapshot tells. */
  infoOf({ milestone, listed }: Snapshot): EntryInfo {
    if (listed.entries === undefined) return nobody
    const spans = new Map(listed.entries)
    const member = this.#context.facts.numberOf(milestone.by.twin) ?? 0
    const entryOf = (client: number, clock: number) => ({
      device: client & 0xffff,
      seq: seqAt(spans.get(client) ?? [], clock)
    })
    return { ...nobody, member, entryOf }
  }

  /** A state of a document, or `undefined` when a part is missing or does not open. */
  async state({ milestone, listed, hashes }: Snapshot): Promise<Uint8Array | undefined> {
    const { store, keys, crypto, id } = this.#context
    const key = this.key(milestone.by, listed.epoch)
    if (key === undefined) return undefined
    const parts: Uint8Array[] = []
    for (const [index, hash] of hashes.entries()) {
      const sealed = await store.get(keys.parts + bytesToHex(hash))
      if (sealed === undefined || !equals(crypto.sha256(sealed), hash)) return undefined
      const place = { space: id, by: milestone.by, epoch: listed.epoch, document: listed.document, index }
      const part = await openPart(sealed, place, key, crypto)
      if (part === undefined) return undefined
      parts.push(part)
    }
    return join(parts)
  }

  /** Writes a milestone, and removes what it takes the place of. Call `keep` when the batch was synced. */
  write(batch: Batch, held: HeldMilestone): void {
    const { keys } = this.#context
    const kept = new Set(held.milestone.parts.map(([hash]) => bytesToHex(hash)))
    for (const other of this.#replacedBy(held)) {
      batch.del(keys.milestones + keyOf(other.milestone.by))
      for (const [hash] of other.milestone.parts) {
        const name = bytesToHex(hash)
        if (!kept.has(name)) batch.del(keys.parts + name)
      }
    }
    batch.put(keys.milestones + keyOf(held.milestone.by), encodeMilestone(held.milestone))
  }

  keep(held: HeldMilestone): void {
    this.#beyond.clear()
    for (const other of this.#replacedBy(held)) this.#held.delete(keyOf(other.milestone.by))
    this.#held.set(keyOf(held.milestone.by), held)
  }

  /** Removes parts of milestones that came to nothing. */
  async #clean(): Promise<void> {
    const { store, keys } = this.#context
    const used = new Set<string>()
    const incoming = await store.get(keys.incoming)
    const milestones = [...this.#held.values()].map(({ milestone }) => milestone)
    if (incoming !== undefined) milestones.push(decodeMilestone(incoming))
    for (const { parts } of milestones) for (const [hash] of parts) used.add(keys.parts + bytesToHex(hash))
    const unused: string[] = []
    for await (const key of store.keys({ gt: keys.parts, lt: afterPrefix(keys.parts) })) {
      if (!used.has(key)) unused.push(key)
    }
    if (unused.length === 0) return
    const batch = store.batch()
    for (const key of unused) batch.del(key)
    await store.commit(batch)
  }

  /** Milestones that cover nothing more. */
  #replacedBy(held: HeldMilestone): HeldMilestone[] {
    return [...this.#held.values()].filter(
      ({ milestone }) =>
        keyOf(milestone.by) === keyOf(held.milestone.by) || isWithin(milestone.logs, held.milestone.logs)
    )
  }
}

function keyOf({ twin, device }: LogId): string {
  return SpaceKeys.log(twin, device)
}

/** Whether heads are those of others, or before them. */
function isWithin(heads: Milestone['logs'], others: Milestone['logs']): boolean {
  const seqs = new Map(others.map(([twin, device, seq]) => [keyOf({ twin, device }), seq]))
  return heads.every(([twin, device, seq]) => seq <= (seqs.get(keyOf({ twin, device })) ?? 0))
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
