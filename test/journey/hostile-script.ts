/** Bundled for the page of somebody else's site: whatever such a page can do to a console and a twin on the same machine. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromString } from '@libp2p/peer-id'
import { createPageNode } from '../../browser-peer/page-node.ts'
import { nodeOf, raceToNode } from '../../browser-peer/race-to-node.ts'
import { chatProtocol } from '../../protocols/chat/protocol.ts'
import { type AnyProtocol, type Channel, createClient, type ProtocolError } from '../../protocols/core/index.ts'
import { devicesProtocol } from '../../protocols/devices/protocol.ts'
import { helloProtocol } from '../../protocols/hello/protocol.ts'
import { kvProtocol } from '../../protocols/kv/protocol.ts'
import { loginProtocol } from '../../protocols/login/protocol.ts'
import { notesProtocol } from '../../protocols/notes/protocol.ts'
import { pairingProtocol } from '../../protocols/pairing/protocol.ts'
import { profileProtocol } from '../../protocols/profile/protocol.ts'
import { libp2pChannel } from '../../protocols/streams/index.ts'
import type { Stranger } from './stranger.ts'

export type Way = 'fetch' | 'fetch without CORS' | 'post' | 'script' | 'style' | 'picture' | 'frame' | 'socket'

/** By method, what came of calling it: `accepted`, or the code of the refusal */
export type Outcomes = Readonly<Record<string, string>>

const patienceMs = 20_000
/** What a page would like to do, and first what any stranger may */
const wishes: readonly (readonly [AnyProtocol, string, object])[] = [
  [profileProtocol, 'show', {}],
  [kvProtocol, 'get', { key: 'wifi' }],
  [kvProtocol, 'put', { key: 'wifi', value: 'open' }],
  [kvProtocol, 'list', {}],
  [chatProtocol, 'conversations', {}],
  [chatProtocol, 'history', { who: 'Notes to yourself' }],
  [chatProtocol, 'follow', {}],
  [chatProtocol, 'send', { who: 'Notes to yourself', text: 'You have won' }],
  [devicesProtocol, 'list', {}],
  [devicesProtocol, 'rename', { number: 1, name: 'Prizes' }],
  [devicesProtocol, 'revoke', { number: 1 }],
  [notesProtocol, 'list', {}],
  [loginProtocol, 'list', {}],
  [pairingProtocol, 'offer', { level: 'normal' }]
]

export const functions = {
  /** Asks the server of a console in one way. Answers how many requests that were, and what of it the page may have. */
  async ask(way: Way, target: string): Promise<{ asked: number; got: string[] }> {
    const requests = requestsOf(way, target)
    const got: string[] = []
    for (const [what, request] of Object.entries(requests)) {
      await request().then(
        () => got.push(`${way} ${what}`),
        () => {}
      )
    }
    return { asked: Object.keys(requests).length, got }
  },

  /** Posts a form, after which another page is here. */
  sendForm(target: string): void {
    const form = document.createElement('form')
    form.method = 'POST'
    form.action = target
    document.body.append(form)
    form.submit()
  },

  /** What the listener of a twin says to the words that libp2p begins with, and then to a call without proving anything. */
  async talk(listener: string): Promise<string> {
    const [, port] = /\/tcp\/(\d+)\/ws\//.exec(listener)!
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    socket.binaryType = 'arraybuffer'
    let heard = ''
    socket.onopen = () => {
      for (const word of ['/multistream/1.0.0', '/twin/kv/1.0']) {
        const bytes = new TextEncoder().encode(`${word}\n`)
        socket.send(Uint8Array.from([bytes.length, ...bytes]))
      }
    }
    socket.onmessage = ({ data }) => {
      heard += new TextDecoder().decode(data)
      if (heard.includes('na\n')) socket.close()
    }
    const timer = setTimeout(() => socket.close(), patienceMs)
    await new Promise(resolve => {
      socket.onclose = resolve
    })
    clearTimeout(timer)
    return heard
  },

  /** Proves a key of its own to the twin, says hello as a twin of its own, and calls it. */
  async callTwin(address: string, { seed, certificate, head, records }: Stranger): Promise<Outcomes> {
    const node = await createPageNode(await generateKeyPairFromSeed('Ed25519', Uint8Array.from(seed)))
    try {
      await node.start()
      const peer = peerIdFromString(nodeOf(address)!)
      const signal = AbortSignal.timeout(patienceMs)
      const channel = libp2pChannel(node, await raceToNode({ node, peer, addresses: [address], signal }))
      await createClient(helloProtocol, channel).present({
        certificate: Uint8Array.from(certificate),
        head: { ...head, hash: Uint8Array.from(head.hash) },
        records: records.map(record => Uint8Array.from(record))
      })
      const outcomes = wishes.map(async ([protocol, method, request]) => [
        `${protocol.name}.${method}`,
        await outcomeOf(channel, protocol, method, request)
      ])
      return Object.fromEntries(await Promise.all(outcomes))
    } finally {
      await node.stop()
    }
  }
}

declare global {
  var hostile: typeof functions
}
globalThis.hostile = functions

/** Each resolves when the page has what it asked for. */
function requestsOf(way: Way, target: string): Record<string, () => Promise<unknown>> {
  const files = ['', 'index.html', 'manifest.webmanifest', 'sw.js']
  const each = (init: RequestInit) =>
    Object.fromEntries(
      files.map(file => [file, () => fetch(target + file, { credentials: 'include', cache: 'no-store', ...init })])
    )
  switch (way) {
    case 'fetch':
      return each({})
    case 'fetch without CORS':
      return each({ mode: 'no-cors' })
    case 'post':
      return each({ mode: 'no-cors', method: 'POST', body: 'all=mine' })
    case 'script':
      return { 'sw.js': () => load('script', { src: `${target}sw.js` }) }
    case 'style':
      return { 'index.html': () => load('link', { rel: 'stylesheet', href: `${target}index.html` }) }
    case 'picture':
      return { 'icon.svg': () => load('img', { src: `${target}icon.svg` }) }
    case 'frame':
      return { '': () => load('iframe', { src: target }) }
    case 'socket':
      return { '': () => open(target.replace('http', 'ws')) }
  }
}

function load<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Partial<HTMLElementTagNameMap[K]>) {
  const element = Object.assign(document.createElement(tag), attributes)
  return new Promise<void>((resolve, reject) => {
    // Also a frame that shows an error has loaded something; it never shows what stands in it to this page
    element.onload = () => (tag === 'iframe' ? reject(new Error('Nothing of it is read')) : resolve())
    element.onerror = () => reject(new Error('Not loaded'))
    document.body.append(element)
  })
}

function open(address: string): Promise<void> {
  const socket = new WebSocket(address)
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onclose = () => reject(new Error('Not opened'))
  })
}

async function outcomeOf(channel: Channel, protocol: AnyProtocol, method: string, request: object): Promise<string> {
  // Methods are looked up by name here, so they have no types
  const client = createClient(protocol, channel) as unknown as Record<string, (request: object) => object>
  try {
    const answer = client[method]!(request)
    if (Symbol.asyncIterator in answer) await (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next()
    else await answer
    return 'accepted'
  } catch (error) {
    return (error as ProtocolError).code ?? String(error)
  }
}
