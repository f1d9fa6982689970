import { isViewOnly, isVisit, twinToText } from '../crdt/identity/index.ts'
import type { PairingShown } from '../protocols/pairing/index.ts'
import type { PathClass } from '../protocols/streams/index.ts'
import type { Device } from './device.ts'
import { reachNode } from './reach-node.ts'

export interface PairBrowserInit {
  /** This browser, which has no identity yet */
  readonly device: Device
  /** A claim or pairing link, whole or from its `#` on */
  readonly link: string
  readonly name: string
  /** Such as `Firefox on Linux` */
  readonly platform: string
  /** Told what to show, and over which path. What it answers is waited for before this browser becomes a device of that twin */
  readonly onShown: (shown: PairingShown, path: PathClass) => void | Promise<void>
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
  const peer = twinToText(link.peer)
  const addresses = link.addresses.map(text => `${text}/p2p/${peer}`)
  const reached = await reachNode(device, addresses, { signal })
  let agreed = Promise.resolve()
  try {
    const paired = await pairDevice({
      channel: reached.channel,
      link,
      keys: device.keys,
      role: 'browser',
      name,
      platform,
      crypto: device.crypto,
      onDigits: shown => {
        agreed = Promise.resolve(onShown(shown, reached.path))
        // Waited for below, unless pairing fails first
        agreed.catch(() => {})
      },
      signal
    })
    await agreed
    const nodes = paired.addresses.map(text => (text.includes('/p2p/') ? text : `${text}/p2p/${peer}`))
    const { twin, number, records, certificate } = paired
    await device.adopt({
      twin,
      number,
      records,
      nodes: [...new Set([...nodes, ...addresses])],
      ...(isViewOnly(certificate.scopes) && { isViewOnly: true }),
      ...(isVisit(certificate) && { visitUntil: certificate.expires })
    })
  } finally {
    await reached.close()
  }
}
