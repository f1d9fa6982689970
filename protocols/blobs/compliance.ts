/** What any twin must show with blobs, written against its client: Ann and Ben are contacts, Cleo is Ben's contact only. */
import { expect } from 'chai'
import type { Client, ProtocolError } from '../core/index.ts'
import { type BlobReference, type blobsProtocol, maxPieceBytes } from './protocol.ts'

export interface BlobTwin {
  /** The owner's own calls */
  readonly blobs: Client<typeof blobsProtocol>
  /** Calls of another twin to this one, as whatever it is to it */
  from(other: BlobTwin): Client<typeof blobsProtocol>
  /** Makes a space of both refer to it; resolves when the other knows */
  send(other: BlobTwin, reference: BlobReference): Promise<void>
}

export interface BlobWorld {
  readonly ann: BlobTwin
  readonly ben: BlobTwin
  readonly cleo: BlobTwin
  stop(): Promise<void>
}

export async function putBytes(twin: BlobTwin, bytes: Uint8Array, name = 'a.bin'): Promise<BlobReference> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += maxPieceBytes) yield { data: bytes.subarray(at, at + maxPieceBytes) }
  }
  let reference: BlobReference | undefined
  for await (const answer of twin.blobs.put({ name, type: 'text/plain' }, pieces()))
    reference = answer.reference ?? reference
  return reference!
}

export async function readBytes(twin: BlobTwin, reference: BlobReference, from?: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(reference.size - (from ?? 0))
  let at = 0
  for await (const { data } of twin.blobs.read({ reference, from })) {
    bytes.set(data, at)
    at += data.length
  }
  return bytes.subarray(0, at)
}

/** Bytes of which no two chunks are alike. */
export function sampleBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 12)) & 255)
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    return (error as ProtocolError).code ?? String(error)
  }
}

export default function blobsCompliance(setup: () => Promise<BlobWorld>): void {
  let world: BlobWorld
  beforeEach(async () => {
    world = await setup()
  })
  afterEach(() => world.stop())

  it('what is stored is read, all of it and from any byte on', async () => {
    const bytes = sampleBytes(2 * maxPieceBytes + 10)
    const reference = await putBytes(world.ann, bytes)
    expect(reference).to.include({ size: bytes.length, name: 'a.bin', type: 'text/plain' })
    for (const from of [0, 1, maxPieceBytes, maxPieceBytes + 1, bytes.length - 1, bytes.length]) {
      expect(await readBytes(world.ann, reference, from)).to.deep.equal(bytes.subarray(from))
    }
  })

  it('nothing is a blob too', async () => {
    const reference = await putBytes(world.ann, new Uint8Array())
    await world.ann.send(world.ben, reference)
    expect(await readBytes(world.ben, reference)).to.deep.equal(new Uint8Array())
  })

  it('a member reads what a space refers to, bit for bit, and has it from then on', async () => {
    const bytes = sampleBytes(5 * maxPieceBytes + 1)
    const reference = await putBytes(world.ann, bytes)
    await world.ann.send(world.ben, reference)
    expect(await readBytes(world.ben, reference)).to.deep.equal(bytes)
    expect(await world.ben.from(world.ann).has({ address: reference.address })).to.deep.equal({ has: true })
    const [row] = await all(world.ben.blobs.list({}))
    expect(row).to.deep.include({ reference, references: 1, isHere: true })
  })

  it('what travels is sealed', async () => {
    const bytes = new TextEncoder().encode('a secret that is longer than any key '.repeat(10))
    const reference = await putBytes(world.ann, bytes)
    await world.ann.send(world.ben, reference)
    const [first] = await all(world.ann.from(world.ben).get({ address: reference.address }))
    expect(new TextDecoder().decode(first!.sealed)).to.not.contain('secret')
    expect(first!.sealed.length).to.equal(bytes.length + 16)
  })

  it('chunks are given from any one on', async () => {
    const reference = await putBytes(world.ann, sampleBytes(2 * maxPieceBytes + 1))
    await world.ann.send(world.ben, reference)
    const { address } = reference
    for (const from of [0, 1, 2, 3]) {
      const items = await all(world.ann.from(world.ben).get({ address, from }))
      expect(items.map(({ index }) => index)).to.deep.equal([0, 1, 2].slice(from))
    }
  })

  it('who is no member learns nothing: neither of what is not shared with them nor of what is not there', async () => {
    const reference = await putBytes(world.ann, sampleBytes(10))
    const { address } = reference
    const unshared = world.ann.from(world.ben)
    expect(await unshared.has({ address })).to.deep.equal({ has: false })
    expect(await codeOf(unshared.manifest({ address }))).to.equal('NotFound')
    expect(await codeOf(unshared.manifest({ address: '00'.repeat(32) }))).to.equal('NotFound')
    await world.ann.send(world.ben, reference)
    await readBytes(world.ben, reference)
    expect(await unshared.has({ address })).to.deep.equal({ has: true })
    const stranger = world.ann.from(world.cleo)
    expect(await codeOf(stranger.has({ address }))).to.equal('PermissionDenied')
    expect(await codeOf(all(stranger.get({ address })))).to.equal('PermissionDenied')
    // A contact, but in no space that refers to it
    const contact = world.ben.from(world.cleo)
    expect(await contact.has({ address })).to.deep.equal({ has: false })
    expect(await codeOf(contact.manifest({ address }))).to.equal('NotFound')
    expect(await codeOf(all(contact.get({ address })))).to.equal('NotFound')
  })

  it('only owners put and read', async () => {
    const reference = await putBytes(world.ann, sampleBytes(10))
    await world.ann.send(world.ben, reference)
    const ben = world.ann.from(world.ben)
    expect(await codeOf(all(ben.read({ reference })))).to.equal('PermissionDenied')
    expect(await codeOf(all(ben.list({})))).to.equal('PermissionDenied')
  })

  it('another key, a name that leads somewhere and a file that nothing refers to are refused', async () => {
    const reference = await putBytes(world.ann, sampleBytes(10))
    const wrong = { ...reference, key: new Uint8Array(32) }
    expect(await codeOf(readBytes(world.ann, wrong))).to.equal('FailedPrecondition')
    expect(await codeOf(putBytes(world.ann, sampleBytes(1), '../a'))).to.equal('InvalidArgument')
    expect(await codeOf(readBytes(world.ben, reference))).to.equal('NotFound')
  })
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
