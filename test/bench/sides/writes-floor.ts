import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { Level } from 'level'
import { Uint8ArrayList } from 'uint8arraylist'
import * as Y from 'yjs'
import { createBareNode } from '../bare-node.ts'
import { keyFor, nowNs, quiet, valueFor } from '../entries.ts'
import { serveSide } from '../side.ts'
import { countWireBytes, wireBytes } from '../wire-bytes.ts'

/**
 * What a competent program does that trusts its peer, its disk and its luck: Yjs updates over one libp2p stream, those of
 * a tick in one send, each put into Level without sync. No signatures, no encryption, no gate, no acknowledgement.
 */
const protocol = '/bench/yjs/1.0.0'

countWireBytes()
const node = await createBareNode()
const doc = new Y.Doc()
const map = doc.getMap<Uint8Array>('kv')
let db: Level<string, Uint8Array>
let stream: Stream | undefined
let outgoing: Uint8Array[] = []
let lastPut: Promise<void> = Promise.resolve()
let stored = 0
let arrivedNs = new Map<number, bigint>()
let onStored = () => {}

doc.on('update', (update: Uint8Array, origin: unknown) => {
  lastPut = db.put(stored.toString(16).padStart(12, '0'), update)
  stored++
  if (origin === 'peer') return
  if (outgoing.length === 0) setImmediate(flush)
  outgoing.push(update)
})

serveSide({
  open: async ({ dir }: { dir: string }) => {
    db = new Level(dir, { valueEncoding: 'view' })
    await db.open()
  },
  listen: async () => {
    await node.handle(protocol, receive)
    return node.getMultiaddrs()[0]!.toString()
  },
  connect: async (address: string) => {
    stream = await node.dialProtocol(multiaddr(address), protocol)
  },
  accept: () => {},
  bytes: () => wireBytes(),
  write: async (n: number) => {
    const begin = nowNs()
    await put(n)
    await quiet()
    return begin
  },
  burst: async ({ from, count, inFlight }: { from: number; count: number; inFlight: number }) => {
    const begin = nowNs()
    let next = from
    const worker = async () => {
      while (next < from + count) await put(next++)
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
    return { begin, end: nowNs() }
  },
  /** When entry n was visible and stored here. */
  arrival: async (n: number) => {
    while (!arrivedNs.has(n)) await nextArrival()
    return arrivedNs.get(n)
  },
  /** When as many entries as asked for had arrived since the last `forget`. */
  all: async (count: number) => {
    while (arrivedNs.size < count) await nextArrival()
    return [...arrivedNs.values()].reduce((last, at) => (at > last ? at : last), 0n)
  },
  forget: () => {
    arrivedNs = new Map()
  },
  close: async () => {
    await node.stop()
    await db.close()
  }
})

function put(n: number): Promise<void> {
  map.set(keyFor(n), valueFor(n))
  return lastPut
}

function nextArrival(): Promise<void> {
  return new Promise(resolve => {
    onStored = resolve
  })
}

function flush(): void {
  const list = new Uint8ArrayList()
  for (const update of outgoing) list.append(encode.single(update))
  outgoing = []
  stream?.send(list.subarray())
}

async function receive(incoming: Stream): Promise<void> {
  map.observe(event => {
    const keys = [...event.keysChanged].map(key => Number(key.slice(key.indexOf('/') + 1)))
    // The observer runs before the update handler has put the bytes
    queueMicrotask(() => void lastPut.then(() => note(keys)))
  })
  for await (const update of decode(incoming)) Y.applyUpdate(doc, update.subarray(), 'peer')
}

function note(keys: readonly number[]): void {
  const now = nowNs()
  for (const key of keys) arrivedNs.set(key, now)
  onStored()
}
