import * as Y from 'yjs'
import { keyValue, type Space } from '../../crdt/index.ts'
import { shardNumber } from '../../crdt/key-value/key-value.ts'
import { bytesToHex } from '../../crdt/log/index.ts'
import { keysDocument } from '../../crdt/spaces/keys-kind.ts'
import type { Contents } from './history.ts'
import { lineRoot } from './line-kind.ts'
import type { Life } from './twin.ts'
import { keys, namespace, shards, textRoot, tokenLength } from './workload.ts'

/** Everything a twin shows of a space: frontier, members, documents, index rows. */
export async function readContents(life: Life, space: Space, documents: readonly string[]): Promise<Contents> {
  const shown = new Map<string, { tokens: string[]; snapshot: string }>()
  for (const name of documents.flatMap(expand)) {
    const doc = await space.doc(name)
    shown.set(name, { tokens: tokensOf(doc, name), snapshot: bytesToHex(Y.encodeSnapshot(Y.snapshot(doc))) })
  }
  const rows = new Map<string, string>()
  for await (const [key, value] of life.level.iterator({ gt: `i/${space.text}/`, lt: `i/${space.text}0` })) {
    rows.set(key, bytesToHex(value))
  }
  const values = new Map<string, string>()
  if (space.kind !== 'direct' && space.kind !== 'group') {
    for await (const { key, value } of keyValue(space, namespace).list())
      values.set(key, new TextDecoder().decode(value))
  }
  const info = life.spaces!.replica.space(space.id)!
  return {
    frontier: frontierOf(life, space),
    members: `${space.name} ${info.mhead[1]} ${bytesToHex(info.mhead[2])} ${space.members().map(({ number, twin, role }) => `${number} ${bytesToHex(twin)} ${role}`)}`,
    documents: shown,
    rows,
    values,
    review: JSON.stringify(space.review().logs.map(({ rejected, held }) => [rejected, held]))
  }
}

/** Heads of all logs, as text. */
export function frontierOf(life: Life, space: Space): string {
  const frontier = life.spaces!.replica.space(space.id)?.frontier() ?? []
  return frontier
    .map(([twin, device, seq, hash]) => `${bytesToHex(twin).slice(0, 16)}/${device}/${seq}/${bytesToHex(hash)}`)
    .sort()
    .join(' ')
}

/** Where two twins differ, for whoever looks into it. */
export function difference(one: Contents, other: Contents): string | undefined {
  for (const part of ['frontier', 'members', 'review'] as const) {
    if (one[part] !== other[part]) return `${part}:\n  ${one[part]}\n  ${other[part]}`
  }
  for (const [name, { tokens, snapshot }] of one.documents) {
    const theirs = other.documents.get(name)
    if (tokens.join() !== theirs?.tokens.join()) return `${name}:\n  ${tokens.join()}\n  ${theirs?.tokens.join()}`
    if (snapshot !== theirs.snapshot) return `snapshot of ${name}:\n  ${snapshot}\n  ${theirs.snapshot}`
  }
  for (const key of new Set([...one.rows.keys(), ...other.rows.keys()])) {
    if (one.rows.get(key) !== other.rows.get(key))
      return `row ${key}:\n  ${one.rows.get(key)}\n  ${other.rows.get(key)}`
  }
  return undefined
}

/**
 * Where a twin differs from before it was started anew. A private space may have got the keys of other spaces meanwhile that were on
 * their way, or that a failing disk had refused: its logs may be longer, and it may have more rows of keys.
 */
export function changeByRestart(before: Contents, after: Contents, isPrivate: boolean): string | undefined {
  const isLonger = isPrivate && before.frontier !== after.frontier && isExtension(before.frontier, after.frontier)
  if (!isLonger) return difference(before, after)
  const rows = new Map(before.rows)
  for (const [key, value] of after.rows) if (!rows.has(key) && key.split('/')[2] === keysDocument) rows.set(key, value)
  return difference({ ...before, frontier: after.frontier, rows }, after)
}

function isExtension(before: string, after: string): boolean {
  const reached = new Map(heads(after))
  return heads(before).every(([log, seq]) => (reached.get(log) ?? 0) >= seq)
}

function heads(frontier: string): [log: string, seq: number][] {
  return frontier === ''
    ? []
    : frontier.split(' ').map(head => {
        const [twin, device, seq] = head.split('/')
        return [`${twin}/${device}`, Number(seq)]
      })
}

function tokensOf(doc: Y.Doc, name: string): string[] {
  if (name.startsWith('diary/')) return doc.getArray<string>(lineRoot).toArray()
  if (name.startsWith('text/')) return cut(doc.getText(textRoot).toString())
  return []
}

/** Shards in which a key falls: nobody writes into the others, and to make empty documents costs as much as to make full ones. */
const usedShards = [...new Set(keys.map(shardNumber))].map(shard => `${shards}/${shard.toString(16)}`)

/** Names of documents, where one name stands for many. */
function expand(name: string): string[] {
  return name === shards ? usedShards : [name]
}

function cut(text: string): string[] {
  const tokens: string[] = []
  for (let at = 0; at < text.length; at += tokenLength) tokens.push(text.slice(at, at + tokenLength))
  return tokens
}
