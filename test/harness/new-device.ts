import { noise } from '@chainsafe/libp2p-noise'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { concat } from 'uint8arrays/concat'
import { newDeviceKeys, twinToText } from '../../crdt/identity/index.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import type { AnyProtocol, Channel, Client } from '../../protocols/core/index.ts'
import { createClient } from '../../protocols/core/index.ts'
import {
  fetchPaired,
  type PairedDevice,
  type PairingShown,
  pairDevice,
  textToPairingLink
} from '../../protocols/pairing/index.ts'
import { libp2pChannel } from '../../protocols/streams/index.ts'

const crypto = nodeCrypto()

/** What a browser does to become a device, over a real WebSocket, with nothing of the twin's own code but the new device's side. */
export class RealNewDevice {
  readonly keys = newDeviceKeys(crypto)
  readonly #name: string
  readonly #clients: { close(): Promise<void> }[] = []
  #shown = Promise.withResolvers<PairingShown>()
  #node: Libp2p | undefined
  #channel: Channel | undefined

  constructor(name: string) {
    this.#name = name
    this.#shown.promise.catch(() => {})
  }

  /** Comes with a link, over the WebSocket that it names. */
  async join(text: string): Promise<PairedDevice> {
    const link = textToPairingLink(text, Date.now())
    try {
      const channel = await this.#dial(link)
      const { keys } = this
      const names = { role: 'browser', name: this.#name, platform: 'Chromium on Linux' } as const
      return await pairDevice({ channel, link, keys, crypto, ...names, onDigits: shown => this.#shown.resolve(shown) })
    } catch (error) {
      this.#shown.reject(error)
      throw error
    }
  }

  /** What became of it, over a new connection. */
  async fetch(text: string): Promise<PairedDevice> {
    const link = textToPairingLink(text, Date.now())
    await this.stop()
    return await fetchPaired({ channel: await this.#dial(link), link, keys: this.keys, crypto })
  }

  /** What it shows, once it does */
  shown(): Promise<PairingShown> {
    return this.#shown.promise
  }

  /** Calls a capability of the twin as the device that it is by now. */
  client<P extends AnyProtocol>(protocol: P): Client<P> {
    const client = createClient(protocol, this.#channel!)
    this.#clients.push(client)
    return client
  }

  /** Resolves when the twin has ended the connection. */
  async closed(): Promise<void> {
    const node = this.#node!
    if (node.getConnections().length === 0) return
    await new Promise(resolve => node.addEventListener('peer:disconnect', resolve, { once: true }))
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.close()
    await this.#node?.stop()
    this.#node = undefined
  }

  async #dial({ peer, addresses }: ReturnType<typeof textToPairingLink>): Promise<Channel> {
    this.#node ??= await createLibp2p({
      privateKey: privateKeyFromRaw(concat([this.keys.secrets.transport, this.keys.transport.publicKey])),
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()]
    })
    const address = addresses.find(one => one.includes('/127.0.0.1/') && one.endsWith('/ws'))
    if (address === undefined) throw new Error(`No WebSocket among ${addresses.join(', ')}`)
    const connection = await this.#node.dial(multiaddr(`${address}/p2p/${twinToText(peer)}`))
    this.#channel = libp2pChannel(this.#node, connection)
    return this.#channel
  }
}
