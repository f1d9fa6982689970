import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { projectRoot } from '../project.ts'
import { seededRandom } from './statistics.ts'

/** One keystroke: position, characters deleted there, text inserted there. */
export type Edit = readonly [position: number, deletions: number, text: string]

export interface EditingTrace {
  /** Where it comes from, for the bench's page */
  readonly name: string
  readonly edits: readonly Edit[]
}

interface Recorded {
  readonly txns: readonly { readonly patches: readonly Edit[] }[]
}

/** Lies beside some checkouts; nothing in the project needs it. */
const recorded = join(projectRoot, '../shared/editing-traces/automerge-paper.json.gz')
const seed = 20_260_101

/** Keystrokes of a real paper when they are at hand, else a seeded trace of the same shape. */
export function readEditingTrace(limit = Number.POSITIVE_INFINITY): EditingTrace {
  if (existsSync(recorded)) {
    const trace = JSON.parse(gunzipSync(readFileSync(recorded)).toString('utf8')) as Recorded
    const edits = trace.txns.flatMap(({ patches }) => patches)
    return { name: 'recorded keystrokes of a paper (automerge-perf)', edits: edits.slice(0, limit) }
  }
  return { name: `seeded keystrokes (seed ${seed})`, edits: inventEdits(Math.min(limit, 259_778)) }
}

/** Runs of typing at a cursor that jumps now and then, with three deletions in ten strokes, as in the recorded trace. */
export function inventEdits(count: number): Edit[] {
  const random = seededRandom(seed)
  const edits: Edit[] = []
  let length = 0
  let cursor = 0
  while (edits.length < count) {
    if (random() < 0.02) cursor = Math.floor(random() * (length + 1))
    if (random() < 0.3 && cursor > 0) {
      edits.push([--cursor, 1, ''])
      length--
    } else {
      edits.push([cursor++, 0, String.fromCharCode(97 + Math.floor(random() * 26))])
      length++
    }
  }
  return edits
}
