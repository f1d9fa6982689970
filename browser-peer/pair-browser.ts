import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { webCrypto } from '../crdt/crypto/index.ts'
import type { PairingShown } from '../protocols/pairing/index.ts'
import { libp2pChannel } from '../protocols/streams/index.ts'
import type { Device } from './device.ts'
import { createPageNode } from './page-node.ts'

export interface PairBrowserInit {
  /** This browser, which has no identity yet */
  readonly device: Device
  /** A claim or pairing link, whole or from its `#` on */
  readonly link: string
  readonly name: string
  /** Such as `Firefox on Linux` */
  readonly platform: string
  readonly onShown: (shown: PairingShown) => void
  readonly signal?: AbortSignal
}

/**
 * Makes this browser a device of the twin that a link names: reaches the device that made the link, whose peer id is pinned in it,
 * proves the secret, shows what has to be shown and keeps what comes back.
 *
 * @throws {PairingError} or `ProtocolError`, with a sentence for the owner
 */
export async function pairBrowser(init: PairBrowserInit): Promise<void> {
  const { device, name, platform, onShown, signal } = init
  // Once in the life of a device: whoever only connects does not load it
  const { pairDevice, textToPairingLink } = await import('../protocols/pairing/index.ts')
  const link = textToPairingLink(init.link, Date.now())
  const peer = peerIdFromPublicKey(publicKeyFromRaw(link.peer))
  const node = await createPageNode(device.keys.privateKey)
  try {
    await node.start()
    const addresses = link.addresses.map(text => `${text}/p2p/${peer}`)
    const connection = await firstOf(addresses.map(text => node.dial(multiaddr(text), { signal })))
    const paired = await pairDevice({
      channel: libp2pChannel(node, connection),
      link,
      keys: device.keys,
      role: 'browser',
      name,
      platform,
      crypto: webCrypto(),
      onDigits: onShown,
      signal
    })
    const nodes = paired.addresses.map(text => (text.includes('/p2p/') ? text : `${text}/p2p/${peer}`))
    const { twin, number, records } = paired
    await device.adopt({ twin, number, records, nodes: [...new Set([...nodes, ...addresses])] })
  } finally {
    await node.stop()
  }
}

/** All are tried at once: the machine may be here, in the same network or behind a relay. */
async function firstOf(dials: readonly Promise<Connection>[]): Promise<Connection> {
  try {
    return await Promise.any(dials)
  } catch (cause) {
    throw new Error('The twin that made this link is not reached: is it running, and is this machine online?', {
      cause
    })
  }
}
