import { equals } from 'uint8arrays/equals'
import * as Y from 'yjs'
import { createDoc } from '../gate/index.ts'
import { seqAt } from '../milestone/index.ts'
import { clocksOf } from './entry-survey.ts'
import type { HeldMilestone } from './held-milestone.ts'
import { Refusal } from './receive-outcome.ts'
import { entriesOf } from './replay.ts'
import type { SealInit } from './seal-document.ts'
import type { SpaceLog } from './space-log.ts'

interface Compared {
  /** What milestones and logs here make of the document. */
  readonly doc: Y.Doc
  /** Up to where the snapshot has each log. */
  readonly ends: ReadonlyMap<SpaceLog, number>
}

/**
 * Whether a milestone of a writer says what the writer's logs here say: only then may it take their place.
 *
 * @throws {Refusal} `later` when something of the logs is not here
 */
export async function matchesLog(init: SealInit, { milestone, documents }: HeldMilestone): Promise<boolean> {
  const { context, marks, milestones } = init
  const ends = endsOf(init, milestone.logs)
  const compared = new Map<string, Compared>()
  for (const [name, { listed }] of documents) {
    const doc = createDoc()
    for (const { state } of await milestones.states(name)) Y.applyUpdate(doc, state)
    compared.set(name, { doc, ends: new Map([...ends, ...endsOf(init, listed.beyond)]) })
  }
  try {
    const to = new Map<SpaceLog, number>()
    for (const [log, seq] of [ends, ...[...compared.values()].map(one => one.ends)].flatMap(all => [...all])) {
      to.set(log, Math.max(seq, to.get(log) ?? 0))
    }
    for (const [log, end] of to) {
      const from = Math.max(log.base.seq, milestones.floor.get(log.client) ?? 0)
      for await (const { seq, payload } of from < end ? entriesOf(context, log, from, end) : []) {
        if (marks.isLeftOut(log.client, seq) || context.quarantine.has(log.client, seq)) continue
        const one = compared.get(payload.document)
        if (seq > (one?.ends ?? ends).get(log)!) continue
        const [start, next] = clocksOf(payload.update, log.client)
        const spans = documents.get(payload.document)?.listed.entries?.find(([client]) => client === log.client)?.[1]
        if (one === undefined || (next > start && seqAt(spans ?? [], start) !== seq)) return false
        Y.applyUpdate(one.doc, payload.update)
      }
    }
    for (const [name, { doc }] of compared) {
      const state = await milestones.state(documents.get(name)!)
      if (state === undefined || !equals(plain(Y.encodeStateAsUpdate(doc)), plain(state))) return false
    }
    return true
  } finally {
    for (const { doc } of compared.values()) doc.destroy()
  }
}

function endsOf(
  { context }: SealInit,
  heads: Iterable<readonly [Uint8Array, number, number, ...unknown[]]>
): Map<SpaceLog, number> {
  const ends = new Map<SpaceLog, number>()
  for (const [twin, device, seq] of heads) {
    const log = context.logs.find({ twin, device })
    if (log === undefined || log.durable < seq) throw new Refusal('later', 'The milestone has what is not here yet')
    ends.set(log, seq)
  }
  return ends
}

/** The bytes of a state as they are after it was read whole: what was made bit by bit may be cut in other places. */
function plain(state: Uint8Array): Uint8Array {
  const doc = createDoc()
  Y.applyUpdate(doc, state)
  const bytes = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return bytes
}
