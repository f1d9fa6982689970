import { expect } from 'chai'
import type { ByteStream } from './byte-stream.ts'
import { systemClock } from './clock.ts'
import { FrameWriter } from './frame-writer.ts'
import { FrameCutter } from './unframe.ts'

/** A writer, and what it has written. */
function writing(): { writer: FrameWriter; written: Uint8Array[] } {
  const written: Uint8Array[] = []
  const write = (chunk: Uint8Array) => {
    written.push(chunk)
    return undefined
  }
  const stream: ByteStream = {
    source: (async function* () {})(),
    write,
    end: async () => {},
    abort: () => {},
    closed: new AbortController().signal
  }
  return { writer: new FrameWriter(stream, { maxMessageSize: 1 << 20, progressMs: 1000, clock: systemClock }), written }
}

describe('FrameWriter', () => {
  it('takes as much memory for the head of a large frame as the head has', async () => {
    const { writer, written } = writing()
    const body = new Uint8Array(256 * 1024)
    for (let i = 0; i < 3; i++) writer.send({ b: { index: i, sealed: body } })
    await writer.flushed()
    const [heads, bodies] = [written.filter((_, i) => i % 2 === 0), written.filter((_, i) => i % 2 === 1)]
    expect(bodies).deep.equal([body, body, body])
    for (const { buffer } of heads) expect(buffer.byteLength).lessThan(64)
  })

  it('writes the small frames of a turn together, up to 64 KiB, and those around a large one apart from it', async () => {
    const { writer, written } = writing()
    const frames = [...Array(30)].map((_, i) => ({ i: i + 1, b: new Uint8Array(i === 20 ? 20_000 : 4000).fill(i) }))
    for (const frame of frames) writer.send(frame)
    await writer.flushed()
    expect(written.length).equal(4)
    expect(Math.max(...written.map(({ length }) => length))).lessThan(64 * 1024 + 1)
    for (const { length, buffer } of written) expect(buffer.byteLength - length).lessThan(64)
    const cutter = new FrameCutter(1 << 20)
    expect(written.flatMap(chunk => cutter.push(chunk)).length).equal(frames.length)
  })
})
