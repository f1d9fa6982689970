import { peerIdFromString } from '@libp2p/peer-id'
import { anySignal, type Channel, ProtocolError } from '../protocols/core/index.ts'
import { libp2pChannel, type PathClass, pathOf } from '../protocols/streams/index.ts'
import type { Device } from './device.ts'
import { limits } from './limits.ts'
import { createPageNode } from './page-node.ts'
import { nodeOf, raceToNode } from './race-to-node.ts'

export interface ReachedNode {
  readonly channel: Channel
  /** Peer id of the node, which the connection has proved */
  readonly peer: string
  readonly path: PathClass
  close(): Promise<void>
}

/**
 * Connects to a node of a twin that this browser is not a device of yet, for pairing. All addresses lead to one node.
 *
 * @throws {TypeError} when they do not
 * @throws {ProtocolError} `Unavailable` when none of them answers
 */
export async function reachNode(
  device: Device,
  addresses: readonly string[],
  options: { readonly signal?: AbortSignal } = {}
): Promise<ReachedNode> {
  const [peer, ...others] = new Set(addresses.map(nodeOf))
  if (peer === undefined || others.length > 0)
    throw new TypeError('Expected addresses of one node, each with its peer id')
  const timeout = AbortSignal.timeout(limits.dialTimeoutMs)
  const node = await createPageNode(device.keys.privateKey)
  try {
    await node.start()
    const signal = options.signal === undefined ? timeout : anySignal(timeout, options.signal)
    const connection = await raceToNode({ node, peer: peerIdFromString(peer), addresses, signal })
    const channel = libp2pChannel(node, connection)
    return {
      channel,
      peer,
      path: pathOf(connection),
      close: async () => {
        await channel.close()
        await node.stop()
      }
    }
  } catch (cause) {
    await node.stop()
    throw new ProtocolError(
      'Unavailable',
      'The twin that made this link is not reached: is it running, and is this machine online?',
      { cause }
    )
  }
}
