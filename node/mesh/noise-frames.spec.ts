import { expect } from 'chai'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { NoiseFrames } from './noise-frames.ts'

const empty = new Uint8Array()

function framed(...frames: Uint8Array[]): Uint8Array {
  const bytes = new Uint8ArrayList()
  for (const frame of frames) bytes.append(new Uint8Array([frame.length >> 8, frame.length & 255]), frame)
  return bytes.slice()
}

describe('frames of Noise', () => {
  it('are put together from pieces of any size, also with what came before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(8),
        (frames, step, before) => {
          const bytes = framed(...frames)
          const first = Math.min(before, bytes.length)
          const decoder = new NoiseFrames({ buffered: bytes.slice(0, first), isOwner: true, inPlaceBelow: 0 })
          const read: Uint8Array[] = [...decoder.decode(empty)].map(frame => Uint8Array.from(frame.subarray()))
          for (let at = first; at < bytes.length; at += step) {
            const piece = bytes.slice(at, Math.min(bytes.length, at + step))
            for (const frame of decoder.decode(piece)) read.push(Uint8Array.from(frame.subarray()))
          }
          expect(read).deep.equal(frames)
        }
      )
    )
  })

  it('leave nothing of a large buffer behind once its frames were decrypted, unless somebody else has it', () => {
    const large = new Uint8Array(20_000).fill(1)
    for (const isOwner of [true, false]) {
      const arrived = framed(large, large)
      const decoder = new NoiseFrames({ buffered: empty, isOwner, inPlaceBelow: 0 })
      const sums: number[] = []
      for (const frame of decoder.decode(arrived)) sums.push(frame.subarray().reduce((sum, byte) => sum + byte, 0))
      expect(sums).deep.equal([20_000, 20_000])
      expect(arrived.length).equal(isOwner ? 0 : 40_004)
    }
  })

  it('of a few bytes outlive the large buffer that they came in, for they are decrypted in place', () => {
    const decoder = new NoiseFrames({ buffered: empty, isOwner: true, inPlaceBelow: 1200 })
    const small = new Uint8Array([1, 2, 3])
    const [first, , third] = [...decoder.decode(framed(small, new Uint8Array(20_000), small))]
    expect([first!.subarray(), third!.subarray()]).deep.equal([small, small])
  })
})
