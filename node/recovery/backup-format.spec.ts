import { expect } from 'chai'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { nodeCrypto } from '../crypto.ts'
import { decodeHeader, encodeHeader, keyInfo, openChunk, openEnd, sealChunk, sealEnd, sha256 } from './backup-format.ts'

const bytes = (seed: number, length = 32) => new Uint8Array(length).fill(seed)
const signer = nodeCrypto().signer(bytes(9))
const header = {
  twin: bytes(1),
  n: 3,
  base: 2,
  prev: bytes(2),
  at: 1_790_000_000_000,
  device: 258,
  list: [bytes(3, 5), bytes(4, 6)],
  enc: bytes(5),
  key: bytes(6, 48)
}
const rows = [['r/a', bytes(7, 4)] as const, ['h/a', bytes(8, 2)] as const]
const sum = { rows: 2, spaces: 1, entries: 70_000 }

describe('format of a backup', () => {
  it('has the bytes that were frozen, and those still mean the same', async () => {
    const head = encodeHeader(header)
    const current = {
      keyInfo: keyInfo(header),
      head,
      chunk: await sealChunk(bytes(10), sha256(head), 1, rows),
      last: await sealChunk(bytes(10), sha256(head), 2, [], sum),
      end: await sealEnd(header, bytes(11), signer)
    }
    const vector = await frozen('backup-1', current, 'node/vectors')
    expect(vector.current).to.deep.equal(vector.frozen)
    const read = (name: keyof typeof current) => hexToBytes((vector.frozen as Record<string, string>)[name]!)
    expect(decodeHeader(read('head'))).to.deep.equal(header)
    const key = sha256(read('head'))
    expect(await openChunk(bytes(10), key, 1, read('chunk'))).to.deep.equal({ rows, sum: null })
    expect(await openChunk(bytes(10), key, 2, read('last'))).to.deep.equal({ rows: [], sum })
    expect(await openEnd(read('end'), header, bytes(11))).to.deep.equal(signer.publicKey)
  })
})
