import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import {
  type Client,
  createClient,
  createServer,
  defineProtocol,
  defineService,
  schema,
  unary
} from '../../../protocols/core/index.ts'
import { libp2pChannel, registerServer } from '../../../protocols/streams/index.ts'
import { createBareNode, createQuickNode } from '../bare-node.ts'
import { serveSide } from '../side.ts'

const echoId = '/bench/echo/1.0.0'
const size = 100

const benchProtocol = defineProtocol({
  name: 'bench',
  version: '1.0',
  doc: 'Returns what it gets',
  scopes: { call: { doc: 'Calls', consent: 'Call', callers: ['stranger'] } },
  limits: { rate: { points: 1_000_000_000, durationMs: 60_000 } },
  methods: {
    echo: unary({
      doc: 'Returns the bytes',
      scope: 'call',
      request: schema.object({ data: schema.bytes({ max: 1024 }) }),
      response: schema.object({ data: schema.bytes({ max: 1024 }) }),
      examples: [{ request: { data: new Uint8Array(1) }, response: { data: new Uint8Array(1) } }]
    })
  }
})
const bench = defineService(benchProtocol, () => ({ echo: ({ data }) => ({ data }) }))

const [bare, node] = await Promise.all([createBareNode(), createQuickNode()])
const payload = new Uint8Array(size).fill(7)
let stream: Stream
let client: Client<typeof benchProtocol>
let received = 0
let onBytes = () => {}

serveSide({
  listen: async () => {
    await bare.handle(echoId, echo => echo.addEventListener('message', ({ data }) => void echo.send(data)))
    await registerServer(node, createServer({ services: [bench()({})] }), () => ({ class: 'stranger' }))
    return [bare, node].map(each => each.getMultiaddrs()[0]!.toString())
  },
  connect: async ([floor, ours]: [string, string]) => {
    stream = await (await bare.dial(multiaddr(floor))).newStream(echoId)
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      onBytes()
    })
    client = createClient(benchProtocol, libp2pChannel(node, await node.dial(multiaddr(ours))))
    await client.echo({ data: payload })
  },
  latencyFloor: (count: number) => latencies(count, echo),
  latencyOurs: (count: number) => latencies(count, () => client.echo({ data: payload })),
  rateFloor: ({ count, inFlight }: { count: number; inFlight: number }) => echoRate(count, inFlight),
  rateOurs: async ({ count, inFlight }: { count: number; inFlight: number }) => {
    const begin = performance.now()
    let next = 0
    const worker = async () => {
      while (next++ < count) await client.echo({ data: payload })
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
    return (count / (performance.now() - begin)) * 1000
  }
})

async function latencies(count: number, once: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const begin = performance.now()
    await once()
    times.push((performance.now() - begin) * 1000)
  }
  return times
}

function echo(): Promise<void> {
  const until = received + size
  return new Promise(resolve => {
    onBytes = () => {
      if (received >= until) resolve()
    }
    stream.send(payload)
  })
}

/** Every message in a send of its own, as a program without coalescing does. */
function echoRate(count: number, inFlight: number): Promise<number> {
  const begin = performance.now()
  const first = received
  let sent = 0
  return new Promise(resolve => {
    onBytes = () => {
      const done = Math.floor((received - first) / size)
      if (done >= count) resolve((count / (performance.now() - begin)) * 1000)
      for (; sent < count && sent - done < inFlight; sent++) stream.send(payload)
    }
    onBytes()
  })
}
