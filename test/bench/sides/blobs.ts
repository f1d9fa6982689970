import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import type { Uint8ArrayList } from 'uint8arraylist'
import { createBootstrap } from '../../../bootstrap/index.ts'
import type { Twin } from '../../../node/index.ts'
import { type BlobReference, blobsProtocol, maxPieceBytes } from '../../../protocols/blobs/protocol.ts'
import { contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import { freeItem } from '../../../protocols/core/index.ts'
import { kvProtocol } from '../../../protocols/kv/protocol.ts'
import { createBareNode, createQuickNode } from '../bare-node.ts'
import { acceptNamespace, addContact, inviteLink, shareWithContact, startBenchTwin } from '../bench-twin.ts'
import { memory } from '../memory.ts'
import { serveSide } from '../side.ts'

/** A twin, and two bare nodes that stream the same number of chunks: with Noise as it comes, and as a twin has it. */
const streamId = '/bench/chunks/1.0.0'
const bare: Record<'floor' | 'quick', Libp2p> = { floor: await createBareNode(), quick: await createQuickNode() }
const streams = new Map<string, string>()
/** Pieces that go down in one call */
const maxPieces = 64
let files = 0
let twin: Twin
let space = 'bench'

for (const node of Object.values(bare)) {
  await node.handle(streamId, stream => {
    stream.addEventListener('message', ({ data }) => {
      // The four bytes lie anywhere in the buffer that they came in: from its beginning it would be an endless number
      const { buffer, byteOffset } = data.subarray()
      void give(stream, new DataView(buffer, byteOffset).getUint32(0))
    })
  })
}

serveSide({
  listen: async (dir: string) => {
    const meetingPoint = await createBootstrap({ home: `${dir}-meeting-point`, port: 0, host: '127.0.0.1' })
    const address = meetingPoint.addresses().find(text => /\/tcp\/\d+\/p2p\//.test(text))!
    twin = await startBenchTwin(dir, [address])
    return { address, link: await inviteLink(twin) }
  },
  connect: async ({ dir, address, link }: { dir: string; address: string; link: string }) => {
    twin = await startBenchTwin(dir, [address])
    await addContact(twin, link)
    await twin.client(kvProtocol).put({ key: 'first', value: 0, space })
    await shareWithContact(twin, space)
    return Object.entries(bare).map(([name, node]) => [name, node.getMultiaddrs()[0]!.toString()])
  },
  accept: async (addresses: [string, string][]) => {
    for (const [name, address] of addresses) streams.set(name, address)
    const contacts = twin.client(contactsProtocol)
    for await (const { id } of contacts.list({})) await contacts.rename({ who: id, name: 'Other' })
    space = await acceptNamespace(twin, space)
  },
  put: async ({ key, count }: { key: string; count: number }) => {
    const data = new Uint8Array(maxPieceBytes).fill(7)
    async function* pieces() {
      for (let i = 0; i < count; i++) yield { data }
    }
    let reference: BlobReference | undefined
    for await (const answer of twin.client(blobsProtocol).put({}, pieces())) reference = answer.reference ?? reference
    await twin.client(kvProtocol).putBlob({ key, blob: reference!, space })
  },
  arrived: async (key: string) => {
    const kv = twin.client(kvProtocol)
    const changes = kv.watch({ prefix: key, space })[Symbol.asyncIterator]()
    let change = changes.next()
    // Left alone when the list has it already
    change.catch(() => {})
    for await (const row of kv.list({ prefix: key, space })) if (row.key === key) return void changes.return?.()
    for (let found = await change; !found.done && found.value.key !== key; found = await change) change = changes.next()
    await changes.return?.()
  },
  /** Bytes a second, until the last byte is stored, verified, and read in the clear. */
  fetch: async (key: string) => {
    const { blob } = await twin.client(kvProtocol).get({ key, space })
    return await timed(async () => {
      let size = 0
      for await (const { data } of twin.client(blobsProtocol).read({ reference: blob! })) {
        size += data.length
        // As whoever writes it to a file or sends it on does
        freeItem(data)
      }
      return size
    })
  },
  stream: async ({ name, count }: { name: 'floor' | 'quick'; count: number }) => {
    const stream = await (await bare[name].dial(multiaddr(streams.get(name)!))).newStream(streamId)
    return await timed(() => take(stream, count))
  },
  /** As `stream`, into a new file that is synced once, at the end; what came during a write goes down in the next. */
  streamToDisk: async ({ dir, count }: { dir: string; count: number }) => {
    const stream = await (await bare.floor.dial(multiaddr(streams.get('floor')!))).newStream(streamId)
    const file = await open(join(dir, `floor-${files++}`), 'w')
    try {
      return await timed(async () => {
        const waiting: Uint8Array[] = []
        let writing: Promise<void> | undefined
        const writeAll = async () => {
          while (waiting.length > 0) {
            const pieces = waiting.splice(0, maxPieces)
            await file.writev(pieces)
          }
          writing = undefined
        }
        const size = await take(stream, count, data => {
          waiting.push(...(data instanceof Uint8Array ? [data] : data))
          writing ??= writeAll()
        })
        await writing
        await file.sync()
        return size
      })
    } finally {
      await file.close()
    }
  },
  /** Begins to watch the memory of this process; `peak` answers by how much it grew at most, MiB. */
  watch: () => memory.begin(),
  peak: () => memory.end().resident / 2 ** 20
})

async function timed(transfer: () => Promise<number>): Promise<number> {
  const begin = performance.now()
  const size = await transfer()
  return (size / (performance.now() - begin)) * 1000
}

async function give(stream: Stream, count: number): Promise<void> {
  const chunk = new Uint8Array(maxPieceBytes).fill(7)
  for (let i = 0; i < count; i++) if (!stream.send(chunk)) await pEvent(stream, 'drain')
  await stream.close()
}

function take(
  stream: Stream,
  count: number,
  onData: (data: Uint8Array | Uint8ArrayList) => void = () => {}
): Promise<number> {
  const size = count * maxPieceBytes
  let received = 0
  return new Promise(resolve => {
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      onData(data)
      if (received >= size) resolve(received)
    })
    const request = new Uint8Array(4)
    new DataView(request.buffer).setUint32(0, count)
    stream.send(request)
  })
}
