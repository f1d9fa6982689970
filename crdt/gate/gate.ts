import type * as Y from 'yjs'
import { readDeleteSet } from './delete-set.ts'
import { Draft } from './draft.ts'
import { type Lack, Refusal, type RefusalReason } from './refusal.ts'
import { GATE_VERSION, type GateRules, MAX_UPDATE_BYTES } from './rules.ts'
import { readStructs } from './structs.ts'
import { UpdateReader } from './update-reader.ts'

export type Verdict =
  | { readonly ok: true }
  /** `hold`: nothing was found wrong; keep the entry, try it again when more arrived, report it, do not skip it. */
  | {
      readonly ok: false
      readonly reason: RefusalReason
      readonly message: string
      readonly hold: boolean
      /** The first thing that is `missing` */
      readonly lacks?: Lack
    }

const ACCEPTED: Verdict = { ok: true }
const HELD: ReadonlySet<RefusalReason> = new Set<RefusalReason>(['missing', 'overrun'])

/**
 * Decides whether one Yjs V1 update may be applied to a document. Whatever it accepts, Yjs applies without a throw, without
 * anything pending, and reads the same after a reload. Changes nothing; the same update on the same causal past has the same verdict
 * everywhere, whatever else arrived before it.
 */
export function gate(doc: Y.Doc, update: Uint8Array, rules: GateRules): Verdict {
  try {
    if ((rules.version ?? GATE_VERSION) !== GATE_VERSION) throw new Refusal('version', 'The gate version is not known')
    if (update.length > (rules.maxBytes ?? MAX_UPDATE_BYTES)) throw new Refusal('size', 'The update is too long')
    const reader = new UpdateReader(update)
    const draft = new Draft(doc, rules)
    const changes = readStructs(reader, draft) + readDeleteSet(reader, draft)
    if (reader.left !== 0) throw new Refusal('encoding', 'Bytes follow the end of the update')
    if (changes === 0) throw new Refusal('empty', 'The update changes nothing')
    return ACCEPTED
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { reason, message, lacks } = error
    return { ok: false, reason, message, hold: HELD.has(reason), ...(lacks && { lacks }) }
  }
}
