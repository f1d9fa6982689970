import type { VerifiedRun } from './chain.ts'
import type { SpaceLog } from './space-log.ts'

/** What one author may have held in memory in one space. */
export const maxHeldEntries = 256
export const maxHeldBytes = 1024 * 1024
/** Attempts on one entry while the twin runs; a start begins anew. Bounds what a flood of held entries costs those who write. */
const maxTries = 8

/** An entry that was opened and not applied, with what it takes to apply it. */
export interface HeldEntry {
  readonly log: SpaceLog
  readonly seq: number
  readonly time: number
  readonly origin: string
  readonly update: Uint8Array
  tries: number
}

/**
 * Entries that are held, by document and in the order they came, which is causal. An entry stands behind every earlier one that its
 * author has in the same document: whether it was applied before or after may not change what it says.
 */
export class HeldEntries {
  readonly #byDocument = new Map<string, HeldEntry[]>()
  readonly #used = new Map<number, { entries: number; bytes: number }>()

  /** Whether the author's quota allows it. */
  add(document: string, entry: HeldEntry): boolean {
    const { client } = entry.log
    const { entries, bytes } = this.#used.get(client) ?? { entries: 0, bytes: 0 }
    if (entries >= maxHeldEntries || bytes + entry.update.length > maxHeldBytes) return false
    this.#used.set(client, { entries: entries + 1, bytes: bytes + entry.update.length })
    const list = this.#byDocument.get(document)
    if (list === undefined) this.#byDocument.set(document, [entry])
    else list.push(entry)
    return true
  }

  /** The first held entry of each author that may be tried now. */
  firsts(document: string): HeldEntry[] {
    const firsts = new Map<number, HeldEntry>()
    for (const entry of this.#byDocument.get(document) ?? []) {
      if (!firsts.has(entry.log.client)) firsts.set(entry.log.client, entry)
    }
    return [...firsts.values()].filter(entry => entry.tries++ < maxTries)
  }

  remove(document: string, entry: HeldEntry): void {
    const left = (this.#byDocument.get(document) ?? []).filter(other => other !== entry)
    if (left.length > 0) this.#byDocument.set(document, left)
    else this.#byDocument.delete(document)
    const used = this.#used.get(entry.log.client)
    if (used === undefined) return
    used.entries--
    used.bytes -= entry.update.length
  }

  clear(): void {
    this.#byDocument.clear()
    this.#used.clear()
  }
}

/** An entry of a run as it is held. */
export function heldEntry({ log, run }: VerifiedRun, index: number, update: Uint8Array, origin: string): HeldEntry {
  return { log, seq: run.first + index, time: run.entries[index]!.time, origin, update, tries: 0 }
}
