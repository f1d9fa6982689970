import { expect } from 'chai'
import fc from 'fast-check'
import { encodeFrame } from './frame.ts'
import { createServer, encodeCbor, type ProtocolServer } from './index.ts'
import { settle } from './manual-clock.fixture.ts'
import { RawStream } from './raw-stream.fixture.ts'
import { sample, sampleProtocol } from './sample.fixture.ts'

const small = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: -2, max: 5 }),
  fc.constant(true),
  fc.string({ maxLength: 4 })
)
const method = fc.oneof(fc.constantFrom(...Object.keys(sampleProtocol.methods)), fc.string({ maxLength: 70 }), small)
const body = fc.oneof(
  fc.constant({}),
  fc.constant({ text: 'a' }),
  fc.constant({ to: 3 }),
  fc.constant({ n: 1 }),
  fc.jsonValue({ maxDepth: 3 })
)
const almostFrame = fc
  .record({ i: small, m: method, b: body, t: small, w: small, x: small, z: small, e: small }, { requiredKeys: [] })
  .map(frame => {
    const payload = encodeCbor(frame)
    return new Uint8Array([
      ...(payload.length < 128 ? [payload.length] : [(payload.length & 127) | 128, payload.length >>> 7]),
      ...payload
    ])
  })
const noise = fc.uint8Array({ minLength: 1, maxLength: 80 })
const spoiled = fc.tuple(almostFrame, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
  const copy = bytes.slice()
  copy[at % copy.length] = byte
  return copy
})

describe('a server under malformed frames', () => {
  it('answers or closes, never crashes, keeps no stream and no memory', async function () {
    this.timeout(60_000)
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const server = createServer({ services: [sample()({})], limits: { maxInboundStreams: 4 } })
    let frames = 0
    try {
      await attack(server, 200)
      const before = memory()
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(almostFrame, almostFrame, spoiled, noise), { minLength: 1, maxLength: 12 }),
          async chunks => {
            frames += chunks.length
            await send(server, chunks)
          }
        ),
        { numRuns: 800 }
      )
      await settle()
      expect(frames).to.be.greaterThan(2000)
      expect(unhandled).to.deep.equal([])
      expect(memory() - before).to.be.lessThan(32 * 1024 * 1024)
      const raw = await RawStream.open(server, sampleProtocol.id)
      for (const part of encodeFrame({ i: 1, m: 'echo', b: { text: 'alive' } }, 1000)) void raw.stream.write(part)
      expect((await raw.next())?.b).to.deep.equal({ text: 'alive' })
    } finally {
      process.off('unhandledRejection', onUnhandled)
      await server.stop()
    }
  })
})

async function attack(server: ProtocolServer, runs: number): Promise<void> {
  for (const chunks of fc.sample(fc.array(noise, { minLength: 1, maxLength: 8 }), runs)) await send(server, chunks)
}

async function send(server: ProtocolServer, chunks: Uint8Array[]): Promise<void> {
  const raw = await RawStream.open(server, sampleProtocol.id)
  for (const chunk of chunks) {
    if (raw.stream.closed.aborted) break
    try {
      void raw.stream.write(chunk)
    } catch {
      break
    }
    if (chunk.length % 3 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await raw.stream.end()
  while ((await raw.next().catch(() => undefined)) !== undefined);
  raw.stream.abort(new Error('done'))
}

function memory(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
