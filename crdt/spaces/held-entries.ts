import type { Lack } from '../gate/index.ts'
import type { VerifiedRun } from './chain.ts'
import type { SpaceLog } from './space-log.ts'

/** What one author, a device, may have held in memory in one space. */
export const maxHeldEntries = 256
export const maxHeldBytes = 1024 * 1024
/** All devices of one twin together, and all authors: what is over waits in its log, is reported, and is tried at the next start. */
export const maxHeldOfTwin = 4
export const maxHeldOfSpace = 16
const over = 'What is over waits in its log, is reported, and is tried at the next start'
/** The same for whoever asks what limits there are: those of an author, of a twin and of a space. */
export const heldLimits = [
  { name: 'device', times: 1, reason: `Entries of one device that cannot be read yet, in one space. ${over}` },
  {
    name: 'twin',
    times: maxHeldOfTwin,
    reason: 'Those of all devices of one twin: it cannot use up the share of others'
  },
  { name: 'space', times: maxHeldOfSpace, reason: `Those of all authors of one space, in memory. ${over}` }
].flatMap(({ name, times, reason }) => [
  { name: `${name}.entries`, value: times * maxHeldEntries, unit: 'entries', reason },
  { name: `${name}.bytes`, value: times * maxHeldBytes, unit: 'bytes', reason }
])
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
  /** What the last attempt found missing, if it was that */
  lacks?: Lack
}

/**
 * Entries that are held, by document and in the order they came, which is causal. An entry stands behind every earlier one that its
 * author has in the same document: whether it was applied before or after may not change what it says.
 */
export class HeldEntries {
  readonly #byDocument = new Map<string, HeldEntry[]>()
  readonly #used = new Map<string, { entries: number; bytes: number }>()

  /** Whether the quotas of its author, of the author's twin and of the space allow it. */
  add(document: string, entry: HeldEntry): boolean {
    const shares = sharesOf(entry)
    const isOver = shares.some(({ name, times }) => {
      const { entries, bytes } = this.#used.get(name) ?? none
      return entries >= times * maxHeldEntries || bytes + entry.update.length > times * maxHeldBytes
    })
    if (isOver) return false
    for (const { name } of shares) this.#count(name, 1, entry.update.length)
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

  /** What a client has written by now; whether something waited for it, which may be tried again however often it was. */
  hasCome(document: string, { client, clock }: Lack): boolean {
    let isAwaited = false
    for (const entry of this.#byDocument.get(document) ?? []) {
      if (entry.lacks?.client !== client || entry.lacks.clock > clock) continue
      entry.lacks = undefined
      entry.tries = 0
      isAwaited = true
    }
    return isAwaited
  }

  remove(document: string, entry: HeldEntry): void {
    const list = this.#byDocument.get(document) ?? []
    const left = list.filter(other => other !== entry)
    if (left.length === list.length) return
    if (left.length > 0) this.#byDocument.set(document, left)
    else this.#byDocument.delete(document)
    for (const { name } of sharesOf(entry)) this.#count(name, -1, -entry.update.length)
  }

  clear(): void {
    this.#byDocument.clear()
    this.#used.clear()
  }

  #count(name: string, entries: number, bytes: number): void {
    const used = this.#used.get(name) ?? none
    this.#used.set(name, { entries: used.entries + entries, bytes: used.bytes + bytes })
  }
}

const none = { entries: 0, bytes: 0 }

/** What an entry counts against, in shares of one author. */
function sharesOf({ log: { client } }: HeldEntry): { readonly name: string; readonly times: number }[] {
  return [
    { name: `device ${client}`, times: 1 },
    { name: `twin ${Math.floor(client / 0x10000)}`, times: maxHeldOfTwin },
    { name: 'space', times: maxHeldOfSpace }
  ]
}

/** An entry of a run as it is held. */
export function heldEntry({ log, run }: VerifiedRun, index: number, update: Uint8Array, origin: string): HeldEntry {
  return { log, seq: run.first + index, time: run.entries[index]!.time, origin, update, tries: 0 }
}
