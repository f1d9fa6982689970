import * as Y from 'yjs'
import {
  commitPreimage,
  type Dep,
  encodeHeader,
  encodeRun,
  entryHash,
  entryKey,
  type LogId,
  type Run,
  sealPayload,
  zeroHash
} from '../log/index.ts'
import type { LocalSpace } from './local-space.ts'
import { crypto, type TestReplica } from './replicas.fixture.ts'
import type { Space } from './space.ts'

export const logOf = ({ twin }: TestReplica): LogId => ({ twin, device: 1 })

export async function runsOf(from: TestReplica, space: Space, after = 0): Promise<Uint8Array[]> {
  const runs = []
  for await (const run of from.spaces.replica.runs(space.id, logOf(from), after)) runs.push(run)
  return runs
}

/** A run with what an author might never write, signed with their key. */
export async function forge(
  author: TestReplica,
  space: Space,
  init: Partial<Run> & {
    update?: Uint8Array
    document?: string
    log?: LogId
    prev?: Uint8Array
    epochKey?: Uint8Array
    deps?: Dep[]
  }
): Promise<{ log: LogId; run: Uint8Array; entries: Run['entries']; hash: Uint8Array }> {
  const { context } = space as LocalSpace
  const log = init.log ?? logOf(author)
  const {
    first = 1,
    prev = zeroHash,
    epoch = 1,
    mhead = context.membership.head!,
    update = new Uint8Array([0, 0]),
    deps = []
  } = init
  const key = entryKey(crypto, init.epochKey ?? context.keyRing.get(1)!, space.id, log)
  const time = 1
  const header = encodeHeader({ space: space.id, log, seq: first, prev, epoch, mhead, deps, time, kind: 0 })
  const payload = { document: init.document ?? 'text/paper', update, origin: '' }
  const sealed = await sealPayload(crypto, key, crypto.randomBytes(12), header, payload)
  const entries = [{ deps, time, kind: 0, sealed }]
  const hash = entryHash(crypto, header, sealed)
  const signature = await author.init.me.signer.sign(commitPreimage(space.id, log, first, hash))
  return { log, run: encodeRun({ first, prev, epoch, mhead, entries, signature }), entries, hash }
}

export function insertion(client: number, value: string): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = client
  doc.getText('text').insert(0, value)
  return Y.encodeStateAsUpdate(doc)
}
