import { multiaddr } from '@multiformats/multiaddr'
import { twinToText } from '../../../crdt/identity/index.ts'
import type { LiveText, Space } from '../../../crdt/index.ts'
import { createServer, type Service } from '../../../protocols/core/index.ts'
import { editNote, notesPolicy } from '../../../protocols/notes/index.ts'
import { libp2pChannel, registerServer } from '../../../protocols/streams/index.ts'
import { sync, syncWith } from '../../../protocols/sync/index.ts'
import { createBareNode } from '../bare-node.ts'
import { type BenchSpaces, openBenchSpaces } from '../bench-space.ts'
import { keystrokesShown, typeKeystrokes } from '../keystrokes.ts'
import { serveSide } from '../side.ts'

interface Other {
  readonly twin: Uint8Array
  readonly records: Uint8Array[]
  readonly address: string
}

const note = 'k7m2p9q4r8s6t3vw'
const node = await createBareNode()
let side: BenchSpaces
let live: LiveText
let stopSync = () => {}

serveSide({
  open: async ({ dir }: { dir: string }) => {
    side = await openBenchSpaces(dir)
    return { twin: side.twin, records: side.records, address: node.getMultiaddrs()[0]!.toString() }
  },
  meet: async (other: Other) => {
    await side.directory.receive(other.twin, other.records)
    const services = [sync()({ replica: side.spaces.replica }) as Service]
    const caller = { class: 'contact', twin: twinToText(other.twin), device: 1 } as const
    await registerServer(node, createServer({ services }), () => caller)
  },
  connect: async (other: Other) => {
    const init = { kind: 'shared', policy: notesPolicy, name: 'Bench', members: [other.twin] } as const
    live = await editNote(await side.spaces.create(init), note)
    const connection = await node.dial(multiaddr(other.address))
    const stop = new AbortController()
    stopSync = () => stop.abort()
    const channel = libp2pChannel(node, connection)
    const remote = { twin: other.twin, device: 1 }
    void syncWith({ replica: side.spaces.replica, remote, channel }, { signal: stop.signal }).catch(() => {})
  },
  wait: async () => {
    live = await editNote(await notebook(), note)
  },
  shown: (count: number) => keystrokesShown(live.text, count),
  type: ({ count, pauseMs }: { count: number; pauseMs: number }) => typeKeystrokes(live.text, count, pauseMs),
  close: async () => {
    await live.saved()
    live.close()
    stopSync()
    await node.stop()
    await side.close()
  }
})

function notebook(): Promise<Space> {
  return new Promise(resolve => {
    const look = () => {
      const found = side.spaces.list().find(({ policy, state }) => policy === notesPolicy && state === 'open')
      if (found !== undefined) resolve(found)
    }
    side.spaces.on('open', look)
    look()
  })
}
