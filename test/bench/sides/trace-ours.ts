import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import type * as Y from 'yjs'
import { twinToText } from '../../../crdt/identity/index.ts'
import type { Space } from '../../../crdt/index.ts'
import { createServer, type Service } from '../../../protocols/core/index.ts'
import { libp2pChannel, registerServer } from '../../../protocols/streams/index.ts'
import { sync, syncWith } from '../../../protocols/sync/index.ts'
import { createBareNode } from '../bare-node.ts'
import { type BenchSpaces, openBenchSpaces } from '../bench-space.ts'
import { readEditingTrace } from '../editing-trace.ts'
import { serveSide } from '../side.ts'
import { typeEdits } from '../type-edits.ts'

interface Other {
  readonly twin: Uint8Array
  readonly records: Uint8Array[]
  readonly address: string
}

const name = 'text/paper'
const node = await createBareNode()
let side: BenchSpaces
let space: Space
let stopSync = () => {}

serveSide({
  open: async ({ dir, role }: { dir: string; role: string }) => {
    side = await openBenchSpaces(join(dir, role))
    return { twin: side.twin, records: side.records, address: node.getMultiaddrs()[0]!.toString() }
  },
  /** Both know each other's device lists; hello is not measured here. */
  meet: async (other: Other) => {
    await side.directory.receive(other.twin, other.records)
    const services = [sync()({ replica: side.spaces.replica }) as Service]
    const caller = { class: 'contact', twin: twinToText(other.twin), device: 1 } as const
    await registerServer(node, createServer({ services }), () => caller)
  },
  share: async (other: Other) => {
    space = await side.spaces.create({ kind: 'shared', name: 'paper', members: [other.twin] })
    const connection = await node.dial(multiaddr(other.address))
    const stop = new AbortController()
    stopSync = () => stop.abort()
    const channel = libp2pChannel(node, connection)
    const remote = { twin: other.twin, device: 1 }
    void syncWith({ replica: side.spaces.replica, remote, channel }, { signal: stop.signal }).catch(() => {})
  },
  wait: async () => {
    space = await sharedSpace(side)
    await space.doc(name)
  },
  type: async (limit: number) => {
    const { edits } = readEditingTrace(limit)
    const doc = await space.doc(name)
    const begin = process.hrtime.bigint()
    await typeEdits(doc, doc.getText('text'), edits)
    const typed = process.hrtime.bigint()
    await space.flush()
    return { begin, typed, stored: process.hrtime.bigint(), text: doc.getText('text').toString(), count: edits.length }
  },
  /** When the text here became what the other one typed. */
  became: async (length: number) => {
    const doc = await space.doc(name)
    await new Promise<void>(resolve => {
      const check = () => {
        if (doc.getText('text').length === length && isSettled(doc)) resolve()
      }
      space.on('entries', check)
      check()
    })
    return { at: process.hrtime.bigint(), text: doc.getText('text').toString() }
  },
  close: async () => {
    stopSync()
    await node.stop()
    await side.close()
  }
})

function isSettled(doc: Y.Doc): boolean {
  return doc.store.pendingStructs === null && doc.store.pendingDs === null
}

function sharedSpace({ spaces }: BenchSpaces): Promise<Space> {
  return new Promise(resolve => {
    const look = () => {
      const found = spaces.list().find(({ kind, state }) => kind === 'shared' && state === 'open')
      if (found !== undefined) resolve(found)
    }
    spaces.on('open', look)
    look()
  })
}
