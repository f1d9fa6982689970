import type { Cut } from '../identity/index.ts'
import { bytesToHex, clientId, type DecidedHead, type Dep } from '../log/index.ts'
import { depClient } from './causal-order.ts'
import type { SpaceContext } from './space-context.ts'

/** Where a log ends for everybody. */
export interface CutPoint {
  /** 0 when nothing counts */
  readonly seq: number
  readonly hash: Uint8Array
}

/** What is judged of an entry: never its content. */
export interface EntryFacts {
  /** Client id of its log */
  readonly client: number
  readonly seq: number
  readonly mhead: DecidedHead
  readonly deps: readonly Dep[]
}

/** A removal or a revocation, as far as it is about this space (FORMATS §6, Cuts). */
export interface CutRule {
  /** Part of store keys */
  readonly key: string
  /** Sequence of the membership record of a removal; undefined for a revocation, which a device list has recorded. */
  readonly record: number | undefined
  /** The cut of a log by its client id; undefined for logs that the rule does not cut. */
  cutOf(client: number): CutPoint | undefined
}

/** All cuts as of one membership head. */
export interface Cuts {
  /** Removals first, in the order of their records */
  readonly rules: readonly CutRule[]
  /** Those of the rules that are no removals */
  readonly revocations: readonly CutRule[]
  /** Sequence of the last removal's record */
  readonly newest: number | undefined
  /** Numbers of the present members */
  readonly members: ReadonlySet<number>
  readonly head: DecidedHead | undefined
}

type Facts = Pick<SpaceContext, 'id' | 'membership' | 'directory'>

const indexes = new WeakMap<readonly Cut[], ReadonlyMap<string, Cut>>()
const nothing: CutPoint = { seq: 0, hash: new Uint8Array(32) }

/** What the membership and the device lists say now. */
export function cutsOf(facts: Facts): Cuts {
  const { view, head } = facts.membership
  const rules = cutRules(facts)
  const revocations = rules.filter(({ record }) => record === undefined)
  const newest = rules.reduce<number | undefined>((last, { record }) => record ?? last, undefined)
  return { rules, revocations, newest, members: new Set(view?.members.map(({ number }) => number)), head }
}

/**
 * Where a log ends: the cut of its device's revocation, or that of its twin's last removal while the twin is no member. Undefined while
 * it may go on.
 */
export function endIn({ rules, members }: Cuts, client: number): CutPoint | undefined {
  let end: CutPoint | undefined
  let removal: CutPoint | undefined
  for (const rule of rules) {
    const cut = rule.cutOf(client)
    if (cut === undefined) continue
    if (rule.record !== undefined) removal = cut
    else if (end === undefined || cut.seq < end.seq) end = cut
  }
  const isGone = removal !== undefined && !members.has(Math.floor(client / 0x10000))
  return isGone && (end === undefined || removal!.seq < end.seq) ? removal : end
}

function cutRules({ id, membership, directory }: Facts): CutRule[] {
  const { view } = membership
  if (view === undefined) return []
  const rules: CutRule[] = []
  const twins = new Map(view.members.map(({ number, twin }) => [number, twin]))
  for (const { member, cuts, seq, record } of view.removals) {
    twins.set(member.number, member.twin)
    rules.push({
      key: `m${bytesToHex(record)}`,
      record: seq,
      cutOf: client => {
        if (Math.floor(client / 0x10000) !== member.number) return undefined
        return cuts.find(({ device }) => device === client % 0x10000) ?? nothing
      }
    })
  }
  for (const [member, twin] of twins) {
    for (const { number, revoked } of directory.get(twin)?.devices() ?? []) {
      if (revoked === undefined) continue
      const cut = bySpace(revoked.cuts).get(bytesToHex(id)) ?? nothing
      const of = clientId(member, number)
      rules.push({
        // Another cut is another rule: a list that is taken over may name another
        key: `d${bytesToHex(twin)}-${number}-${cut.seq}-${bytesToHex(cut.hash.subarray(0, 8))}`,
        record: undefined,
        cutOf: client => (client === of ? cut : undefined)
      })
    }
  }
  return rules
}

/** Every space asks, and there may be as many cuts as spaces. */
function bySpace(cuts: readonly Cut[]): ReadonlyMap<string, Cut> {
  let index = indexes.get(cuts)
  if (index === undefined) {
    // Of a space that is named twice the first counts
    index = new Map(cuts.toReversed().map(cut => [bytesToHex(cut.space), cut]))
    indexes.set(cuts, index)
  }
  return index
}

/** Whether an entry names a cut itself as what it builds on, and with that nothing beyond. */
export function namesCut(rule: CutRule, deps: readonly Dep[]): boolean {
  return deps.some(dep => {
    const cut = rule.cutOf(depClient(dep))
    return cut !== undefined && dep[2] === cut.seq && cut.hash.every((byte, index) => byte === dep[3][index])
  })
}
