import { bytesToHex, type LogId } from '../log/index.ts'
import type { Replica } from '../spaces/index.ts'
import { chunks } from './chunks.ts'
import { MAX_RECORDS } from './limits.ts'
import type { TwinHead } from './message.ts'
import type { Outbox } from './outbox.ts'
import { SyncError } from './sync-error.ts'

/** Lists of twins that share nothing with us, which a peer may bring in one session: those of members of what it offers. */
const MAX_UNKNOWN_TWINS = 1024

export interface DeviceExchangeInit {
  readonly replica: Replica
  readonly remote: LogId
  readonly outbox: Outbox
}

/** Keeps the device lists of the twins of shared spaces level on both sides, so that revocations and new devices spread on contact. */
export class DeviceExchange {
  readonly #init: DeviceExchangeInit
  /** Newest heads that the peer has, as it said or we sent; `undefined` before it said anything. */
  #theirs: Map<string, TwinHead> | undefined
  readonly #unknown = new Set<string>()
  #lastShared = ''
  /** The peer was given what its twin had decided before a restore. */
  #hasFormer = false
  /** List that the peer is bringing just now: what it adds is no news to it */
  #arriving: string | undefined

  constructor(init: DeviceExchangeInit) {
    this.#init = init
  }

  /** Tells the peer what is known here. Goes out before anything that depends on device lists. */
  start(): void {
    const { replica, outbox } = this.#init
    const heads = replica.deviceHeads(this.#shared())
    for (let at = 0; at === 0 || at < heads.length; at += MAX_RECORDS) {
      const part = heads.slice(at, at + MAX_RECORDS)
      outbox.queue({ type: 'heads', heads: part }, part.length * 80)
    }
  }

  /** The set of shared twins may have grown with a space. */
  sharedChanged(): void {
    const shared = this.#shared().map(bytesToHex).sort().join()
    if (shared === this.#lastShared) return
    this.#lastShared = shared
    this.start()
    if (this.#theirs !== undefined) for (const twin of this.#shared()) this.#share(twin)
  }

  grown(twin: Uint8Array): void {
    if (this.#theirs === undefined || this.#arriving === bytesToHex(twin)) return
    if (this.#isShared(twin)) this.#share(twin, true)
  }

  receiveHeads(heads: readonly TwinHead[]): void {
    const isFirst = this.#theirs === undefined
    this.#theirs ??= new Map()
    for (const head of heads) {
      this.#theirs.set(bytesToHex(head[0]), head)
      this.#noteKnown(head)
    }
    // A revocation that the keeper has not recorded yet is not in any head: once a session it is worth the look
    for (const twin of this.#shared()) this.#share(twin, isFirst)
    this.#shareFormer()
  }

  /** Whether something was new. */
  async receive(twin: Uint8Array, records: readonly Uint8Array[]): Promise<boolean> {
    const { replica, remote } = this.#init
    const key = bytesToHex(twin)
    if (!this.#isShared(twin)) {
      this.#unknown.add(key)
      if (this.#unknown.size > MAX_UNKNOWN_TWINS) throw new SyncError('flood', 'The peer brought too many twins')
    }
    this.#arriving = key
    let answer: string
    try {
      answer = await replica.receiveDevices(twin, records, remote)
    } finally {
      this.#arriving = undefined
    }
    if (answer !== 'newer') return false
    const [head] = replica.deviceHeads([twin])
    if (head !== undefined) this.#theirs?.set(key, head)
    this.#shareFormer()
    return true
  }

  #noteKnown([id, ...head]: TwinHead): void {
    const { replica, remote } = this.#init
    // Outstanding revocations are in no head, and are always lacked
    if (replica.deviceRecords(id, head).length === 0) replica.knows?.(remote, { kind: 'devices', id })
  }

  #share(twin: Uint8Array, evenIfSame = false): void {
    const { replica, outbox } = this.#init
    const key = bytesToHex(twin)
    const [ours] = replica.deviceHeads([twin])
    if (ours === undefined) return
    const theirs = this.#theirs?.get(key)
    const order = theirs === undefined ? 1 : compareHeads(ours, theirs)
    const isSame = order === 0 && theirs?.[3].every((byte, index) => byte === ours[3][index])
    if (order < 0 || (isSame && !evenIfSame)) return
    const records = replica.deviceRecords(twin, theirs === undefined ? undefined : [theirs[1], theirs[2], theirs[3]])
    this.#theirs?.set(key, ours)
    for (const part of chunks(records)) {
      outbox.queue({ type: 'devices', twin, records: part.items }, part.size)
    }
  }

  /** No head says what a restored device has of the devices before it, and it has nobody else to ask. */
  #shareFormer(): void {
    const { replica, remote, outbox } = this.#init
    if (this.#hasFormer) return
    const records = replica.formerRecords?.(remote.twin) ?? []
    this.#hasFormer = records.length > 0
    for (const part of chunks(records)) {
      outbox.queue({ type: 'devices', twin: remote.twin, records: part.items }, part.size)
    }
  }

  #shared(): Uint8Array[] {
    const { replica, remote } = this.#init
    const all = [replica.self.twin, remote.twin, ...replica.twinsSharedWith(remote.twin)]
    return [...new Map(all.map(twin => [bytesToHex(twin), twin])).values()]
  }

  #isShared(twin: Uint8Array): boolean {
    const key = bytesToHex(twin)
    return this.#shared().some(shared => bytesToHex(shared) === key)
  }
}

function compareHeads([, term, seq]: TwinHead, [, otherTerm, otherSeq]: TwinHead): number {
  return term - otherTerm || seq - otherSeq
}
