import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import * as Y from 'yjs'
import { createBareNode } from '../bare-node.ts'
import { keystrokesShown, typeKeystrokes } from '../keystrokes.ts'
import { serveSide } from '../side.ts'

/** Bare Yjs: each update goes over one libp2p stream and is applied where it arrives. */
const protocol = '/bench/yjs/1.0.0'
const node = await createBareNode()
const doc = new Y.Doc()
const text = doc.getText('t')
let stream: Stream | undefined

doc.on('update', (update: Uint8Array, origin: unknown) => {
  if (origin !== 'peer') stream?.send(encode.single(update).subarray())
})

serveSide({
  open: async () => {
    await node.handle(protocol, receive)
    return { address: node.getMultiaddrs()[0]!.toString() }
  },
  meet: () => {},
  connect: async ({ address }: { address: string }) => {
    stream = await node.dialProtocol(multiaddr(address), protocol)
  },
  wait: () => {},
  shown: (count: number) => keystrokesShown(text, count),
  type: ({ count, pauseMs }: { count: number; pauseMs: number }) => typeKeystrokes(text, count, pauseMs),
  close: () => node.stop()
})

async function receive(incoming: Stream): Promise<void> {
  for await (const update of decode(incoming)) Y.applyUpdate(doc, update.subarray(), 'peer')
}
