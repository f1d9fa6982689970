import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { decodeFrame, encodeFrame, type Frame } from './frame.ts'
import { ProtocolError } from './index.ts'
import { FrameCutter } from './unframe.ts'

interface Vectors {
  frames: { what: string; frame: Frame; hex: string }[]
  refused: { what: string; hex: string; code: string }[]
}

describe('wire format 1.0', () => {
  let vectors: Vectors
  before(async () => {
    vectors = JSON.parse(await readFile('protocols/core/vectors/1.0.json', 'utf8'))
  })

  it('writes each frame as the bytes that were frozen', () => {
    for (const { what, frame, hex } of vectors.frames)
      expect(toHex(join(encodeFrame(frame, 1 << 20))), what).to.equal(hex)
  })

  it('reads the frozen bytes as each frame', () => {
    for (const { what, frame, hex } of vectors.frames) {
      const [payload] = new FrameCutter(1 << 20).push(fromHex(hex))
      expect(decodeFrame(payload!), what).to.deep.equal(frame)
    }
  })

  it('refuses each frozen fault with its code', () => {
    for (const { what, hex, code } of vectors.refused) {
      try {
        new FrameCutter(1000).push(fromHex(hex)).map(decodeFrame)
        expect.fail(`${what} was read`)
      } catch (error) {
        expect((error as ProtocolError).code, what).to.equal(code)
      }
    }
  })

  it('ignores keys it does not know, except where an error stands', () => {
    const [payload] = new FrameCutter(100).push(join(encodeFrame({ i: 1, b: 2, q: 'new' } as Frame, 100)))
    expect(decodeFrame(payload!)).to.include({ i: 1, b: 2 })
  })
})

describe('FrameCutter', () => {
  it('finds the same frames however the bytes are cut', () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 8 })
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (payloads, cuts) => {
        const bytes = join(payloads.flatMap(payload => [new Uint8Array(prefix(payload.length)), payload]))
        const cutter = new FrameCutter(400)
        const found: Uint8Array[] = []
        for (let offset = 0, i = 0; offset < bytes.length; i++) {
          const size = cuts[i % cuts.length]!
          found.push(...cutter.push(bytes.subarray(offset, offset + size)))
          offset += size
        }
        expect(found.map(toHex)).to.deep.equal(payloads.map(toHex))
        expect(cutter.isPartial).to.equal(false)
      }),
      { numRuns: 500 }
    )
  })

  it('puts a large frame together from large pieces and small, and keeps to its bytes', () => {
    const piece = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 16_000, max: 70_000 }))
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), fc.nat(3), (cuts, start) => {
        const payload = Uint8Array.from({ length: 150_000 }, (_, i) => i * 7)
        const framed = [0xf0, 0x93, 0x09]
        const bytes = new Uint8Array(2 * (payload.length + framed.length))
        for (const at of [0, bytes.length / 2]) {
          bytes.set(framed, at)
          bytes.set(payload, at + framed.length)
        }
        const cutter = new FrameCutter(1 << 20)
        const found = cutter.push(bytes.slice(0, start))
        for (let offset = start, i = 0; offset < bytes.length; i++) {
          const size = i < cuts.length ? cuts[i]! : bytes.length
          found.push(...cutter.push(bytes.slice(offset, offset + size)))
          offset += size
        }
        expect(found.length).to.equal(2)
        for (const frame of found) expect(Buffer.compare(frame, payload)).to.equal(0)
        expect(cutter.isPartial).to.equal(false)
      }),
      { numRuns: 30 }
    )
  })

  it('keeps a large piece without a copy, so that a frame takes its own bytes once', () => {
    const cutter = new FrameCutter(1 << 24)
    const pieces = Array.from({ length: 64 }, () => new Uint8Array(65_536))
    pieces[0]!.set([0x80, 0x80, 0x80, 0x04])
    const before = process.memoryUsage().arrayBuffers
    for (const piece of pieces) cutter.push(piece)
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(1 << 20)
  })

  it('refuses two gigabytes by their declaration and keeps nothing for them', () => {
    const cutter = new FrameCutter(1000)
    expect(() => cutter.push(new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x08, 1]))).to.throw(ProtocolError, 'above 1000')
  })

  it('takes memory only for bytes that arrived', () => {
    const cutter = new FrameCutter(1 << 24)
    const before = process.memoryUsage().arrayBuffers
    const cutters = Array.from({ length: 50 }, () => new FrameCutter(1 << 24))
    for (const each of [cutter, ...cutters]) each.push(new Uint8Array([0xff, 0xff, 0xff, 0x07, 1]))
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(1 << 20)
  })
})

function prefix(length: number): number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >>> 7]
}

function join(chunks: Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap(chunk => [...chunk]))
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
}
