import { expect } from 'chai'
import fc from 'fast-check'
import { decode, encode } from '../codec.ts'
import { webCrypto } from '../crypto/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { durablePreimage } from '../spaces/durability.ts'
import {
  bytesToHex,
  commitPreimage,
  decodeRun,
  encodeHeader,
  encodeRun,
  entryHash,
  entryKey,
  FormatError,
  lastOf,
  linkRun,
  openPayload,
  type Run,
  sealPayload,
  zeroHash
} from './index.ts'

const crypto = webCrypto()
const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const space = fill(1)
const log = { twin: fill(2), device: 3 }
const mhead = [0, 2, fill(4)] as const
const payload = { document: 'kv/default/a', update: Uint8Array.of(0, 0), origin: '' }

async function example(): Promise<{ run: Run; header: Uint8Array; hash: Uint8Array; preimage: Uint8Array }> {
  const signer = crypto.signer(fill(9))
  const deps = [[2, 1, 7, fill(5)] as const]
  const header = encodeHeader({
    space,
    log,
    seq: 1,
    prev: zeroHash,
    epoch: 1,
    mhead,
    deps,
    time: 1_760_000_000_000,
    kind: 0
  })
  const key = entryKey(crypto, fill(6), space, log)
  const sealed = await sealPayload(crypto, key, new Uint8Array(12).fill(7), header, payload)
  const hash = entryHash(crypto, header, sealed)
  const preimage = commitPreimage(space, log, 1, hash)
  const signature = await signer.sign(preimage)
  const entries = [{ deps, time: 1_760_000_000_000, kind: 0, sealed }]
  return { run: { first: 1, prev: zeroHash, epoch: 1, mhead, entries, signature }, header, hash, preimage }
}

describe('a run', () => {
  it('has the bytes that were frozen, and so have its header, hash and what is signed', async () => {
    const { run, header, hash, preimage } = await example()
    const current = {
      header: bytesToHex(header),
      hash: bytesToHex(hash),
      commit: bytesToHex(preimage),
      durable: bytesToHex(durablePreimage(space, { twin: fill(8), device: 1 }, log, 1, hash)),
      run: bytesToHex(encodeRun(run))
    }
    const vector = await frozen('run', current)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('reads back what was written', async () => {
    const { run, header, hash } = await example()
    const bytes = encodeRun(run)
    const read = decodeRun(bytes)
    expect(read).to.deep.equal(run)
    expect(lastOf(read)).to.equal(1)
    const linked = linkRun(crypto, space, log, read, zeroHash)
    expect(linked.hashes[0]).to.deep.equal(hash)
    const key = entryKey(crypto, fill(6), space, log)
    expect(await openPayload(crypto, key, header, read.entries[0]!.sealed)).to.deep.equal(payload)
    expect(await openPayload(crypto, fill(1), header, read.entries[0]!.sealed)).to.equal(undefined)
  })

  it('reads back without its previous hash', async () => {
    const { run } = await example()
    for (const first of [1, 23, 24, 255, 256, 70_000, 2 ** 40]) {
      const short = { ...run, first, prev: undefined }
      expect(decodeRun(encodeRun(short))).to.deep.equal(short)
    }
  })

  it('is refused when its form is not the one of the format', async () => {
    const { run } = await example()
    const bytes = encodeRun(run)
    const items = decode(bytes) as unknown[]
    const entry = (items[5] as unknown[][])[0]!
    const dep = (entry[0] as unknown[])[0]
    const wrong: [string, unknown[]][] = [
      ['version', [2, ...items.slice(1)]],
      ['no entries', [...items.slice(0, 5), [], items[6]]],
      ['first 0', [1, 0, ...items.slice(2)]],
      ['more', [...items, 0]],
      ['short hash', [1, 1, new Uint8Array(31), ...items.slice(3)]],
      ['too many entries', [...items.slice(0, 5), Array(257).fill(entry), items[6]]],
      ['kind', [...items.slice(0, 5), [[entry[0], entry[1], 1, entry[3]]], items[6]]],
      ['twice the same dependency', [...items.slice(0, 5), [[[dep, dep], ...entry.slice(1)]], items[6]]],
      ['nothing sealed', [...items.slice(0, 5), [[...entry.slice(0, 3), new Uint8Array(27)]], items[6]]]
    ]
    for (const [name, value] of wrong) {
      expect(() => decodeRun(encode(value as never)), name).to.throw(FormatError)
    }
  })

  it('never throws anything else, whatever the bytes', async () => {
    const bytes = encodeRun((await example()).run)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const changed = Uint8Array.from(bytes.subarray(0, length))
        if (at < length) changed[at] = value
        try {
          decodeRun(changed)
        } catch (error) {
          expect(error).to.be.instanceOf(FormatError)
        }
      })
    )
  })
})
