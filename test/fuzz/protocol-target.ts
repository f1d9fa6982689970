import { encodeFrame } from '../../protocols/core/frame.ts'
import {
  type AnyProtocol,
  type Caller,
  channelPair,
  createServer,
  type ProtocolServer,
  type Service
} from '../../protocols/core/index.ts'
import { RawStream } from '../../protocols/core/raw-stream.fixture.ts'
import { Person } from '../../protocols/hello/hello.fixture.ts'
import { helloProtocol } from '../../protocols/hello/index.ts'
import { registry } from '../../protocols/index.ts'
import { TestMailbox } from '../../protocols/mailbox/mailboxes.fixture.ts'
import { meet, World } from '../../protocols/twins.fixture.ts'
import type { FuzzTarget, FuzzTargetFactory } from './target.ts'

/** Frames that share a stream, turns of the event loop that an answer gets, calls under way at one time. */
const framesPerStream = 4
const turns = 3
const limits = { rate: { points: 1e9, durationMs: 1 }, maxInboundStreams: 64 }

/** Every capability of the registry, and hello, behind the real server with the real service. */
export function protocolTargets(): FuzzTargetFactory[] {
  const capabilities = Object.entries(registry).map(([name, { contract }]) => ({
    name,
    lifeFrames: 5000,
    make: async () => {
      const world = new World()
      const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
      await meet(ann, ben)
      const mailbox = await TestMailbox.make()
      const services = [...ann.server.services, ...mailbox.server.services] as Service[]
      const server = createServer({ services, limits })
      const callers: Caller[] = [
        { class: 'owner', twin: ann.id },
        { class: 'contact', twin: ben.id },
        { class: 'stranger' }
      ]
      return serverTarget(name, await contract(), server, callers, async () => {
        await server.stop()
        await mailbox.stop()
        await world.stop()
      })
    }
  }))
  const hello: FuzzTargetFactory = {
    name: 'hello',
    lifeFrames: 5000,
    make: async () => {
      const [ann, ben] = [await Person.make(), await Person.make()]
      const caller: Caller = { class: 'stranger', peer: ben.peer }
      const server = createServer({ services: ann.server.services as Service[], limits })
      return serverTarget('hello', helloProtocol as AnyProtocol, server, [caller], async () => {
        await server.stop()
        for (const person of [ann, ben]) await person.stop()
      })
    }
  }
  return [...capabilities, hello]
}

function serverTarget(
  name: string,
  protocol: AnyProtocol,
  server: ProtocolServer,
  callers: readonly Caller[],
  stop: () => Promise<void>
): FuzzTarget {
  const seeds: Uint8Array[] = []
  for (const [method, { kind, examples }] of Object.entries(protocol.methods)) {
    for (const { request } of examples) {
      const head = kind === 'unary' ? { i: 1, m: method, b: request } : { m: method, b: request, w: 65_536 }
      seeds.push(payloadOf(head))
    }
  }
  let taken = 0
  let raw: RawStream | undefined
  const close = (): void => {
    raw?.stream.abort(new Error('The frames of this stream are sent'))
    raw = undefined
  }
  return {
    name,
    seeds,
    frame: async payload => {
      if (taken++ % framesPerStream === 0) close()
      if (raw === undefined || raw.stream.closed.aborted) {
        raw = new RawStream(
          (await channelPair(server, callers[taken % callers.length]!).openStream([protocol.id])).stream
        )
      }
      try {
        // Half of what a frame may have wrong is its length, which the framing target covers
        void raw.stream.write(Uint8Array.from([...lengthOf(payload), ...payload]))
      } catch {
        close()
      }
      for (let i = 0; i < turns; i++) await new Promise(setImmediate)
    },
    isAlive: async () => {
      close()
      const probe = new RawStream((await channelPair(server, callers[0]!).openStream([protocol.id])).stream)
      probe.send({ i: 1, m: 'no such method', b: {} })
      const answer = await probe.next()
      probe.stream.abort(new Error('done'))
      if (answer?.e === undefined) throw new Error('The server gave no answer')
    },
    stop: async () => {
      close()
      await stop()
    }
  }
}

function payloadOf(frame: Record<string, unknown>): Uint8Array {
  const bytes = encodeFrame(frame, 1 << 24).flatMap(part => [...part])
  let head = 0
  while ((bytes[head]! & 0x80) !== 0) head++
  return Uint8Array.from(bytes.slice(head + 1))
}

function lengthOf({ length }: Uint8Array): number[] {
  const bytes = []
  let rest = length
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
