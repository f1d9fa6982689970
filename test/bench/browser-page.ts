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
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { type EditedText, mountEditor } from '../../browser-peer/console/notes/editor.ts'
import { mendWebrtcDials } from '../../browser-peer/webrtc-shim.ts'
import { functions as page } from '../browser/page.ts'
import type { Contender } from './report.ts'

const protocol = '/bench/yjs/1.0.0'
const rtc = { rtcConfiguration: { iceServers: [] } }
const doc = new Y.Doc()
/** Of one who is alone: the floor tells nobody where its cursor is */
const awareness = new Awareness(doc)
/** Times in ms, by the machine's clock */
interface Noted {
  readonly pressed: number[]
  readonly there: number[]
  readonly drawn: number[]
}
let noted: Noted = { pressed: [], there: [], drawn: [] }
let onDrawn = () => {}
let close = () => {}
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

  /** Shows a text in the console's editor, ready to be typed into once it was drawn, and notes what happens to it from now on. */
  async edit(whose: Contender): Promise<void> {
    close()
    const { text } = edited(whose)
    const host = document.body.appendChild(document.createElement('div'))
    const unmount = mountEditor(host, edited(whose), true)
    const content = host.shadowRoot!.querySelector<HTMLElement>('.cm-content')!
    content.focus()
    const before = text.length
    const shownBefore = lettersIn(content)
    noted = { pressed: [], there: [], drawn: [] }
    const { pressed, there, drawn } = noted
    const press = ({ timeStamp }: KeyboardEvent) => pressed.push(performance.timeOrigin + timeStamp)
    const arrive = () => {
      for (const at = now(); there.length < text.length - before; ) there.push(at)
      onDrawn()
    }
    const show = () => {
      const shown = lettersIn(content) - shownBefore
      afterFrame(() => {
        for (const at = now(); drawn.length < shown; ) drawn.push(at)
        onDrawn()
      })
    }
    const shows = new MutationObserver(show)
    shows.observe(content, { childList: true, characterData: true, subtree: true })
    addEventListener('keydown', press, true)
    text.observe(arrive)
    close = () => {
      removeEventListener('keydown', press, true)
      text.unobserve(arrive)
      shows.disconnect()
      unmount()
      host.remove()
    }
    await new Promise<void>(resolve => afterFrame(resolve))
  },

  /** When keys were pressed, letters were in the text, and frames with them were drawn, once so many were. */
  async noted(count: number): Promise<Noted> {
    while (noted.drawn.length < count || noted.there.length < count) {
      await new Promise<void>(resolve => {
        onDrawn = resolve
      })
    }
    return noted
  },

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

/** On the screen, names beside cursors left out: nobody's name has this letter. */
function lettersIn(content: HTMLElement): number {
  return content.textContent.split('x').length - 1
}

/** Pages of one machine share a clock. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

function edited(whose: Contender): EditedText {
  return whose === 'floor' ? { text: doc.getText('t'), awareness, typedBy: () => [] } : page.opened()
}

/** Runs something when the next frame was handed over for the screen. */
function afterFrame(run: () => void): void {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = run
    port2.postMessage(undefined)
  })
}
