import { MemoryLevel } from 'memory-level'
import type { Database } from '../../crdt/index.ts'
import { give } from '../../crdt/spaces/replicas.fixture.ts'
import { openDatabase } from '../../node/database.ts'
import { type Identity, openReplica, type RigReplica } from './identity.ts'
import { findTables, missingItems } from './work.ts'

/** What was found in a store after the fault. */
export interface Check {
  readonly lost: readonly number[]
  /** Anything else that is not as it has to be, in a sentence each. */
  readonly problems: readonly string[]
  readonly openMs: number
}

/**
 * Opens a store that was left by a fault and holds it against what was acknowledged. Its shared space is handed over to a second
 * replica, which takes nothing that is not signed, linked and complete; it lives on between checks, so that a history that was
 * written again differently after a fault is noticed as a fork.
 */
export class Checker {
  readonly #me: Identity
  readonly #readerIdentity: Identity
  readonly #forks: string[] = []
  #reader: RigReplica | undefined

  constructor(me: Identity, reader: Identity) {
    this.#me = me
    this.#readerIdentity = reader
  }

  async check(dir: string, acked: readonly number[]): Promise<Check> {
    const startedAt = performance.now()
    let store: RigReplica
    let db: Database | undefined
    try {
      db = await openDatabase(dir)
      store = await openReplica(this.#me, [this.#readerIdentity], db, dir)
    } catch (cause) {
      await db?.close().catch(() => {})
      return { lost: acked, problems: [`It does not open: ${describe(cause)}`], openMs: Number.NaN }
    }
    const openMs = performance.now() - startedAt
    try {
      const tables = findTables(store.spaces)
      if (tables === undefined) return { lost: acked, problems: [], openMs }
      const lost = await missingItems(tables, acked)
      return { lost, problems: await this.#handOver(store), openMs }
    } finally {
      await store.spaces.stop()
      await db.close()
    }
  }

  async #handOver(store: RigReplica): Promise<string[]> {
    const reader = await this.#openReader()
    while (await give(store, reader));
    const problems = this.#forks.splice(0)
    const [ours, theirs] = [store, reader].map(({ spaces }) => findTables(spaces))
    if (ours === undefined || theirs === undefined) return [...problems, 'The shared space is not handed over']
    const [heads, taken] = [store, reader].map(({ spaces }) => headsOf(spaces.replica.space(ours.space.id)?.frontier()))
    if (heads !== taken) problems.push(`The log is not taken as it is: ${heads} became ${taken}`)
    const [rows, rebuilt] = await Promise.all([ours, theirs].map(({ shared }) => rowsOf(shared.list())))
    if (rows !== rebuilt) problems.push('The index is not what follows from the log')
    return problems
  }

  async #openReader(): Promise<RigReplica> {
    if (this.#reader !== undefined) return this.#reader
    const db: Database = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })
    this.#reader = await openReplica(this.#readerIdentity, [this.#me], db)
    this.#reader.spaces.on('fork', ({ device }) => this.#forks.push(`The log of device ${device} was written twice`))
    return this.#reader
  }
}

function headsOf(frontier: readonly (readonly unknown[])[] | undefined): string {
  return (frontier ?? []).map(([, device, seq, hash]) => `${device}/${seq}/${hexOf(hash)}`).join(' ')
}

function hexOf(hash: unknown): string {
  return hash instanceof Uint8Array ? Buffer.from(hash).toString('hex').slice(0, 16) : String(hash)
}

async function rowsOf(entries: AsyncIterable<{ key: string; version: string; value: Uint8Array }>): Promise<string> {
  const rows: string[] = []
  for await (const { key, version, value } of entries) rows.push(`${key} ${version} ${value.length}`)
  return rows.join('\n')
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
