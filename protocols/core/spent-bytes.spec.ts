import { expect } from 'chai'
import { freeBytes, freeItem, SpentBytes, unreadBytes } from './spent-bytes.ts'
import { FrameCutter } from './unframe.ts'

const size = 40_000

/** A frame of so many bytes, with its length. */
function framed(length: number): Uint8Array {
  const bytes = new Uint8Array(3 + length).fill(9)
  bytes.set([(length & 0x7f) | 0x80, ((length >>> 7) & 0x7f) | 0x80, length >>> 14])
  return bytes
}

describe('bytes that were spent', () => {
  it('are freed when they are large and have their memory for themselves', () => {
    const [alone, small, part] = [new Uint8Array(size), new Uint8Array(100), new Uint8Array(2 * size).subarray(size)]
    for (const bytes of [alone, small, part]) freeBytes(bytes)
    expect([alone.length, small.length, part.length]).deep.equal([0, 100, size])
  })

  it('of an item are freed with the frame around them, and left alone among others', () => {
    const item = new Uint8Array(size + 20).subarray(20)
    const amongOthers = new Uint8Array(2 * size).subarray(20, size)
    freeItem(item)
    freeItem(amongOthers)
    expect([item.length, amongOthers.length]).deep.equal([0, size - 20])
  })

  it('are freed with the last of them, and not when somebody keeps one', () => {
    const spent = new SpentBytes()
    const [whole, kept, unknown] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)]
    for (const bytes of [whole, kept]) spent.freeWhenSpent(bytes)
    spent.keep(kept.subarray(0, 10))
    for (const bytes of [whole, kept, unknown]) {
      spent.spend(bytes.subarray(0, 10))
      expect(bytes.length).equal(size)
      spent.spend(bytes.subarray(10))
    }
    expect([whole.length, kept.length, unknown.length]).deep.equal([0, size, size])
  })

  it('are those of which framing made a frame of its own', () => {
    const bytes = framed(2 * size)
    const pieces = [bytes.slice(0, size), bytes.slice(size, 2 * size), bytes.slice(2 * size)]
    for (const piece of pieces) unreadBytes.freeWhenSpent(piece)
    const cutter = new FrameCutter(4 * size)
    const [frame] = pieces.flatMap(piece => cutter.push(piece))
    expect(frame).deep.equal(new Uint8Array(2 * size).fill(9))
    expect(pieces.map(({ length }) => length)).deep.equal([0, 0, 3])
  })

  it('are never those in which framing found a frame, which its reader keeps', () => {
    const one = framed(size)
    const arrived = new Uint8Array(one.length + size)
    arrived.set(one)
    arrived.set(framed(2 * size).subarray(0, size), one.length)
    unreadBytes.freeWhenSpent(arrived)
    const cutter = new FrameCutter(4 * size)
    const [kept] = cutter.push(arrived)
    const [other] = cutter.push(framed(2 * size).slice(size))
    expect([kept!.length, other!.length]).deep.equal([size, 2 * size])
    expect(kept).deep.equal(new Uint8Array(size).fill(9))
  })
})
