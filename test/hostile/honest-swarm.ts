import * as Y from 'yjs'
import { createDoc, type GateRules, gate } from '../../crdt/gate/index.ts'
import { type Step, Swarm } from '../../crdt/gate/swarm.fixture.ts'
import { readEditingTrace } from '../bench/editing-trace.ts'
import { seededRandom } from '../bench/statistics.ts'

export interface Judged {
  readonly what: string
  updates: number
  /** What was refused or held, which nothing honest may be */
  readonly refused: string[]
  /** Of the gate alone, for each update */
  readonly microseconds: number[]
}

const roots = { text: 'text', list: 'array', map: 'map', tree: 'xml' } as const
const actions: readonly Step['action'][] = [
  'text',
  'text',
  'list',
  'map',
  'tree',
  'nest',
  'delete',
  'format',
  'undo',
  'redo',
  'receive',
  'receive',
  'receive',
  'reload'
]
const stepsPerSwarm = 400
const replicas = 4

/** Random editing of texts, lists, maps and trees by four authors who receive one another in any causal order. */
export function randomEditing(atLeast: number, seed: number): Judged {
  const random = seededRandom(seed)
  const judged = newJudged(`random editing of text, list, map and tree by ${replicas} authors (seed ${seed})`)
  const nat = (below: number) => Math.floor(random() * below)
  while (judged.updates < atLeast) {
    const swarm = new Swarm(replicas, client => ({ client, roots }), timed(judged))
    for (let i = 0; i < stepsPerSwarm; i++) {
      const action = actions[nat(actions.length)]!
      swarm.take({ replica: nat(replicas), action, at: nat(1000), size: 1 + nat(5) })
    }
    swarm.settle()
    swarm.checkConverged()
  }
  return judged
}

/** A paper typed stroke by stroke, its author changing every thousand strokes. */
export function typedTrace(limit?: number): Judged {
  const { name, edits } = readEditingTrace(limit)
  const judged = newJudged(`${name}, 3 authors in turn`)
  const check = timed(judged)
  const [author, reader] = [createDoc(), createDoc()]
  author.on('update', (update: Uint8Array) => {
    check(reader, update, { client: author.clientID, roots: { text: 'text' } })
    Y.applyUpdate(reader, update)
  })
  const text = author.getText('text')
  for (const [at, [position, deletions, inserted]] of edits.entries()) {
    if (at % 1000 === 0) author.clientID = 65_537 * (1 + ((at / 1000) % 3))
    author.transact(() => {
      if (deletions > 0) text.delete(position, deletions)
      if (inserted !== '') text.insert(position, inserted)
    })
  }
  if (reader.getText('text').toString() !== text.toString()) judged.refused.push('the two texts differ')
  return judged
}

function newJudged(what: string): Judged {
  return { what, updates: 0, refused: [], microseconds: [] }
}

/** The gate with a clock beside it. */
function timed(judged: Judged): typeof gate {
  return (doc: Y.Doc, update: Uint8Array, rules: GateRules) => {
    const begin = process.hrtime.bigint()
    const verdict = gate(doc, update, rules)
    judged.microseconds.push(Number(process.hrtime.bigint() - begin) / 1000)
    judged.updates++
    if (!verdict.ok) judged.refused.push(`${verdict.reason}: ${verdict.message}`)
    return verdict
  }
}
