import type { PeerId } from '@libp2p/interface'
import { Record as DhtRecord, type KadDHT, MessageType } from '@libp2p/kad-dht'

/** What kad-dht has beside its interface. */
interface DhtInside {
  readonly routingTable: EventTarget & { readonly size: number }
  readonly network: {
    sendRequest(
      to: PeerId,
      message: { type: MessageType; key: Uint8Array; record?: Uint8Array },
      options: { signal: AbortSignal; path: { index: number; queued: number; running: number; total: number } }
    ): AsyncIterable<{ name: string; record?: { value: Uint8Array } }>
  }
}

/** Peers the DHT knows now. */
export function tableSize(dht: KadDHT): number {
  return inside(dht).routingTable.size
}

/** Calls `listener` for each peer that joins the routing table. */
export function onTablePeer(dht: KadDHT, listener: (peer: PeerId) => void): void {
  inside(dht).routingTable.addEventListener('peer:add', event => {
    if (event instanceof CustomEvent) listener(event.detail)
  })
}

/**
 * Stores a record on one peer. `put` looks for the closest peers first, which asks everybody: too much for each
 * neighbour that turns up, who needs one message. Says whether the peer took it.
 */
export async function putToPeer(
  dht: KadDHT,
  peer: PeerId,
  { key, record, signal }: { key: Uint8Array; record: Uint8Array; signal: AbortSignal }
): Promise<boolean> {
  const framed = new DhtRecord(key, record, new Date()).serialize().subarray()
  const message = { type: MessageType.PUT_VALUE, key, record: framed }
  for await (const { name } of inside(dht).network.sendRequest(peer, message, { signal, path })) {
    if (name === 'PEER_RESPONSE') return true
  }
  return false
}

/**
 * The record that one peer holds, not verified; undefined when it has none. `get` asks those who are closest to the key and waits
 * for its own neighbourhood first: whoever is known can be asked at once, and is not chosen by whom we do not know.
 */
export async function askPeer(
  dht: KadDHT,
  peer: PeerId,
  { key, signal }: { key: Uint8Array; signal: AbortSignal }
): Promise<Uint8Array | undefined> {
  const message = { type: MessageType.GET_VALUE, key }
  for await (const { name, record } of inside(dht).network.sendRequest(peer, message, { signal, path })) {
    if (name === 'PEER_RESPONSE') return record?.value
  }
  return undefined
}

/** Of no query */
const path = { index: -1, queued: 0, running: 0, total: 0 }

function inside(dht: KadDHT): DhtInside {
  return dht as unknown as DhtInside // the class behind the interface has both as public fields
}
