import type { LoadedDocument } from '../documents/index.ts'
import {
  commitPreimage,
  type DecidedHead,
  type Dep,
  encodeHeader,
  encodeRun,
  entryHash,
  maxRunBytes,
  maxRunEntries,
  type RunEntry,
  sealPayload,
  zeroHash
} from '../log/index.ts'
import type { DocumentCache } from './document-cache.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'

const noDeps: readonly Dep[] = []

/** An entry that is to be sealed. */
export interface Draft {
  readonly document: LoadedDocument
  readonly origin: string
  readonly update: Uint8Array
}

/** Entries of one group commit, and the log they go to. */
export interface GroupWork {
  readonly group: SpaceGroup
  readonly log: SpaceLog
  readonly drafts: Draft[]
  readonly time: number
}

export interface SealerInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
}

/** Seals drafts, links them to the log and signs the last of each run. */
export class Sealer {
  readonly #init: SealerInit
  /** Heads of other logs that our entries named. */
  readonly #named = new Map<SpaceLog, number>()

  constructor(init: SealerInit) {
    this.#init = init
  }

  /** The log was read again: what was named may not be in it. */
  reset(): void {
    this.#named.clear()
  }

  async seal(run: GroupWork): Promise<void> {
    const { drafts, log, group, time } = run
    const { crypto, id, membership, keyRing, quarantine } = this.#init.context
    // Not the newest: what is written builds on documents from which the cuts of this head, and of no later one, are taken out
    const named = quarantine.head
    const mhead = named !== undefined && membership.at(named) !== undefined ? named : membership.head!
    const epoch = membership.at(mhead)!.epoch!.epoch
    const key = keyRing.entryKey(log, epoch)!
    const nonces = crypto.randomBytes(12 * drafts.length)
    let pending = new RunDraft(log.seq + 1, log.hash)
    let deps = await this.#newDeps(log)
    for (let index = 0; index < drafts.length; index++) {
      const { document, origin, update } = drafts[index]!
      if (pending.isFull(update.length)) {
        await this.#close(run, pending, epoch, mhead)
        pending = new RunDraft(log.seq + 1, log.hash)
      }
      const seq = pending.first + pending.entries.length
      const prev = pending.hashes.at(-1) ?? pending.prev
      const header = encodeHeader({ space: id, log: log.id, seq, prev, epoch, mhead, deps, time, kind: 0 })
      const payload = { document: document.name, update, origin }
      const nonce = nonces.subarray(12 * index, 12 * index + 12)
      const box = sealPayload(crypto, key, nonce, header, payload)
      const sealed = box instanceof Promise ? await box : box
      pending.add({ deps, time, kind: 0, sealed }, entryHash(crypto, header, sealed))
      quarantine.judge({ client: log.client, seq, mhead, deps })
      this.#init.documents.touch(document)
      group.entries.push({
        ref: { twin: log.id.twin, device: log.id.device, seq },
        member: log.member,
        document: document.name,
        time,
        origin,
        own: true
      })
      deps = noDeps
    }
    await this.#close(run, pending, epoch, mhead)
    quarantine.write(group.batch)
  }

  async #close({ log, group }: GroupWork, pending: RunDraft, epoch: number, mhead: DecidedHead): Promise<void> {
    const { id, me, logs } = this.#init.context
    const last = pending.first + pending.entries.length - 1
    const signature = await me.signer.sign(commitPreimage(id, log.id, last, pending.hashes.at(-1)!))
    const { first, prev, entries } = pending
    const run = { first, prev, epoch, mhead, entries, signature }
    const bytes = encodeRun(run)
    logs.append(group.batch, log, run, bytes, pending.hashes)
    group.addRun({ log, run: bytes, first, last })
  }

  /** Heads of what the documents here are made of: without what is out, so that naming a cut says that nothing beyond is built on. */
  async #newDeps(own: SpaceLog): Promise<readonly Dep[]> {
    const { logs, quarantine } = this.#init.context
    const deps: Dep[] = []
    for (const log of logs) {
      if (log === own || log.seq === 0) continue
      const seq = Math.min(quarantine.lastIn(log.client, log.seq), quarantine.endOf(log.client)?.seq ?? log.seq)
      if (this.#named.get(log) === seq) continue
      const hash = seq === 0 ? zeroHash : (log.recentHash(seq) ?? (await logs.hashAt(log, seq)))
      this.#named.set(log, seq)
      // Dropped: everybody has it
      if (hash !== undefined) deps.push([log.member, log.id.device, seq, hash])
    }
    return deps.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  }
}

class RunDraft {
  readonly first: number
  readonly prev: Uint8Array
  readonly entries: RunEntry[] = []
  readonly hashes: Uint8Array[] = []
  #size = 0

  constructor(first: number, prev: Uint8Array) {
    this.first = first
    this.prev = prev
  }

  isFull(added: number): boolean {
    return this.entries.length >= maxRunEntries || this.#size + added > maxRunBytes - 128 * 1024
  }

  add(entry: RunEntry, hash: Uint8Array): void {
    this.entries.push(entry)
    this.hashes.push(hash)
    this.#size += entry.sealed.length + 64 + 48 * entry.deps.length
  }
}
