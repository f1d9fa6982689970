import { expect } from 'chai'
import { webCrypto } from '../crypto/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { hexToBytes } from '../log/index.ts'
import {
  bytesToReference,
  decodeManifest,
  encodeManifest,
  isChunkOf,
  listToReference,
  manifestToAddress,
  openChunk,
  referenceToBytes,
  referenceToList,
  sealChunk,
  sealedLength
} from './format.ts'
import { referenceRow } from './references.ts'

const crypto = webCrypto()
const key = Uint8Array.from({ length: 32 }, (_, index) => index)
const chunks = [new Uint8Array(256 * 1024).fill(1), new TextEncoder().encode('the rest')]

async function written() {
  const sealed = await Promise.all(chunks.map((chunk, index) => sealChunk(key, index, chunk, crypto)))
  const hashes = new Uint8Array(64)
  for (const [index, chunk] of sealed.entries()) hashes.set(crypto.sha256(chunk), 32 * index)
  const manifest = encodeManifest({ size: 256 * 1024 + 8, hashes })
  const empty = encodeManifest({ size: 0, hashes: new Uint8Array() })
  const address = manifestToAddress(manifest, crypto)
  const reference = { address, size: 256 * 1024 + 8, key, type: 'text/plain', name: 'Grüße.txt' }
  const row = referenceRow(reference, 'place')
  return {
    // The first is the pattern above, 256 KiB of it
    last: sealed[1]!,
    manifest,
    address,
    reference: referenceToBytes(reference),
    row: { [row.key]: row.value },
    empty: { manifest: empty, address: manifestToAddress(empty, crypto) }
  }
}

describe('formats of blobs', () => {
  it('chunks, manifests, addresses, references and rows have the bytes that were frozen', async () => {
    const vector = await frozen('blobs-1', await written())
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('the frozen manifest verifies the frozen chunk, and the frozen reference opens it', async () => {
    const kept = (await frozen('blobs-1', await written())).frozen as Record<'last' | 'manifest' | 'reference', string>
    const manifest = decodeManifest(hexToBytes(kept.manifest))
    expect(manifest).to.include({ size: 256 * 1024 + 8, count: 2 })
    const last = hexToBytes(kept.last)
    expect([isChunkOf(manifest, 1, last, crypto), isChunkOf(manifest, 0, last, crypto)]).to.deep.equal([true, false])
    const reference = bytesToReference(hexToBytes(kept.reference))!
    expect(reference).to.include({ size: 256 * 1024 + 8, type: 'text/plain', name: 'Grüße.txt' })
    expect(await openChunk(reference.key, 1, last, crypto)).to.deep.equal(chunks[1])
    expect(await openChunk(reference.key, 0, last, crypto)).to.equal(undefined)
  })

  it('a chunk that was changed, cut, lengthened or moved is not the blob\u2019s', async () => {
    const { manifest, last } = await written()
    const list = decodeManifest(manifest)
    const changed = last.map((byte, index) => (index === 3 ? byte ^ 1 : byte))
    const longer = new Uint8Array(last.length + 1)
    longer.set(last)
    const verdicts = [last, changed, last.subarray(1), longer, new Uint8Array()].map(chunk =>
      isChunkOf(list, 1, chunk, crypto)
    )
    expect(verdicts).to.deep.equal([true, false, false, false, false])
    expect(isChunkOf(list, 2, last, crypto)).to.equal(false)
    expect(sealedLength(list, 1)).to.equal(last.length)
  })

  it('a manifest lists as many hashes as its size needs, and no more than the limit', () => {
    const bad = [
      { size: 1, hashes: new Uint8Array(64) },
      { size: 256 * 1024 + 1, hashes: new Uint8Array(32) },
      { size: 2 ** 32 + 1, hashes: new Uint8Array(16_385 * 32) }
    ]
    for (const manifest of bad) expect(() => decodeManifest(encodeManifest(manifest))).to.throw()
    expect(decodeManifest(encodeManifest({ size: 2 ** 32, hashes: new Uint8Array(16_384 * 32) })).count).to.equal(
      16_384
    )
  })

  it('a reference with a name that leads somewhere, or of another form, is none', () => {
    const list = (change: object) => {
      const { address, size, type, name } = { address: new Uint8Array(32), size: 1, type: '', name: 'a', ...change }
      return [1, address, size, key, type, name]
    }
    expect(listToReference(list({}))).to.include({ size: 1, name: 'a' })
    for (const name of ['../a', 'a/b', 'a\\b', '..', '.', 'a\n', 'a\u202eb', 'x'.repeat(256)]) {
      expect(listToReference(list({ name })), name).to.equal(undefined)
    }
    const others = [list({ size: 2 ** 33 }), list({ type: 'a\n' }), list({ address: new Uint8Array(31) }), [2], 'x']
    expect(others.map(listToReference)).to.deep.equal(others.map(() => undefined))
    const reference = { address: 'ab'.repeat(32), size: 1, key, type: '', name: 'a/b' }
    expect(() => referenceToList(reference)).to.throw(RangeError)
  })
})
