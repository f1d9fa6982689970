import type { Connection, PeerId } from '@libp2p/interface'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'

/** libp2p's parts that it gives to services and keeps from everybody else. */
export type Components = Parameters<NonNullable<Libp2pOptions['transports']>[number]>[0]

/**
 * Dials exactly this address. `libp2p.dial` merges in every address it knows of the peer and joins a dial that is
 * under way, so that neither the transport nor the order can be chosen; the transport manager does what it is told.
 * The gater is asked here, because it is the dial queue that asks it elsewhere.
 */
export async function dialAddress(
  components: Components,
  peer: PeerId,
  address: Multiaddr,
  options: {
    readonly signal: AbortSignal
    readonly timeoutMs: number
    readonly mayDial: (address: Multiaddr) => boolean | Promise<boolean>
    /** See `PathRaceInit` */
    readonly newController?: () => AbortController
  }
): Promise<Connection> {
  const full = withPeer(address, peer)
  const { connectionGater, transportManager, peerStore } = components
  if ((await connectionGater.denyDialPeer?.(peer)) === true) throw new Error('The peer is refused')
  if (!(await options.mayDial(full))) throw new Error('The address is not one to dial')
  const connection = await withOwnSignal(options, signal => transportManager.dial(full, { signal }))
  await peerStore.merge(peer, { multiaddrs: [address] }).catch(() => {})
  return connection
}

/**
 * The TCP transport ties the socket to the signal for ever: one that aborts after the dial, as a timeout does, would
 * tear down the connection it made. So each dial has a signal of its own, which nothing aborts once it is over.
 */
async function withOwnSignal<T>(
  {
    signal,
    timeoutMs,
    newController
  }: { readonly signal: AbortSignal; readonly timeoutMs: number; readonly newController?: () => AbortController },
  dial: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const own = newController?.() ?? new AbortController()
  const onAbort = () => own.abort(signal.reason)
  const timer = setTimeout(() => own.abort(new Error('The address did not answer in time')), timeoutMs)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await dial(own.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** With the peer id at its end, which is what the handshake then proves. */
export function withPeer(address: Multiaddr, peer: PeerId): Multiaddr {
  const last = address.getComponents().at(-1)
  if (last?.code === CODE_P2P && last.value === peer.toString()) return address
  return address.encapsulate(`/p2p/${peer.toString()}`)
}
