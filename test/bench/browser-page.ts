/** What runs in the pages of the bench `browser`: the page of the specs for ours, and bare libp2p and Yjs for the floor. */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webRTC, webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { createLibp2p, type Libp2p } from 'libp2p'
import * as Y from 'yjs'
import { mendWebrtcDials } from '../../browser-peer/webrtc-shim.ts'
import { functions as page } from '../browser/page.ts'

const protocol = '/bench/yjs/1.0.0'
const rtc = { rtcConfiguration: { iceServers: [] } }
const doc = new Y.Doc()
let node: Libp2p | undefined
let stream: Stream | undefined
doc.on('update', (update: Uint8Array, origin: unknown) => {
  if (origin !== 'peer') stream?.send(encode.single(update).subarray())
})

const functions = {
  /** From nothing to a connection, in ms. */
  async dial(address: string): Promise<number> {
    const since = performance.now()
    const dialler = await bareNode()
    try {
      await dialler.dial(multiaddr(address))
      return performance.now() - since
    } finally {
      await dialler.stop()
    }
  },

  /** Takes a place at a relay and answers where this page is reached then. */
  async listen(relay: string): Promise<string> {
    node = await bareNode()
    await node.handle(protocol, receive, { runOnLimitedConnection: true })
    await node.dial(multiaddr(relay))
    for (;;) {
      const own = node.getMultiaddrs().find(address => address.toString().includes('/p2p-circuit/webrtc/'))
      if (own !== undefined) return own.toString()
      await new Promise(resolve => node!.addEventListener('self:peer:update', resolve, { once: true }))
    }
  },

  async meet(address: string): Promise<void> {
    node = await bareNode()
    const connection = await node.dial(multiaddr(address))
    stream = await connection.newStream(protocol)
  },

  typeBare: (count: number, pauseMs: number) => type(doc.getText('t'), count, pauseMs),
  shownBare: (count: number) => shown(doc.getText('t'), count),
  typeOurs: (count: number, pauseMs: number) => type(page.openedText(), count, pauseMs),
  shownOurs: (count: number) => shown(page.openedText(), count),

  async endBare(): Promise<void> {
    stream = undefined
    await node?.stop()
    node = undefined
    doc.getText('t').delete(0, doc.getText('t').length)
  }
}

export type BenchPage = typeof functions

declare global {
  var bench: BenchPage
}
globalThis.bench = functions

async function bareNode(): Promise<Libp2p> {
  mendWebrtcDials()
  return await createLibp2p({
    addresses: { listen: ['/p2p-circuit', '/webrtc'] },
    transports: [webSockets(), webRTCDirect(rtc), webRTC(rtc), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() }
  })
}

async function receive(incoming: Stream): Promise<void> {
  for await (const update of decode(incoming)) Y.applyUpdate(doc, update.subarray(), 'peer')
}

/** Pages of one machine share a clock. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

async function type(text: Y.Text, count: number, pauseMs: number): Promise<number[]> {
  const begun: number[] = []
  for (let stroke = 0; stroke < count; stroke++) {
    begun.push(now())
    text.insert(text.length, String.fromCharCode(97 + (stroke % 26)))
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
  return begun
}

function shown(text: Y.Text, count: number, before = text.length): Promise<number[]> {
  const seen: number[] = []
  return new Promise(resolve => {
    text.observe(() => {
      for (const at = now(); seen.length < text.length - before; ) seen.push(at)
      if (seen.length >= count) resolve(seen)
    })
  })
}
