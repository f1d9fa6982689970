import type { PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { openIpnsRecord, routingKey } from '../../protocols/kad/index.ts'
import { askPeer } from './direct-requests.ts'
import type { RememberedRecord, RememberedRecords } from './remembered-records.ts'
import { anySignal } from './signals.ts'

/** So many are enough to know a record that anybody of them knows */
const maxFriends = 8

export interface ReadRecordInit {
  readonly dhts: readonly KadDHT[]
  readonly remembered: RememberedRecords
  readonly key: Uint8Array
  readonly signal: AbortSignal
  /** Connected peers that are trusted, asked directly beside the query: contacts' twins, bootstrap nodes */
  readonly friends?: readonly PeerId[]
  /** Answers that are enough, counted over peers that hold a valid record */
  readonly quorum?: number
  /** How long to wait for more answers after the first */
  readonly graceMs?: number
}

/**
 * The newest valid record of a key, or undefined. kad-dht's own `get` throws when one peer keeps a stale value and
 * refuses the correction, so that a single hostile peer blocks every read, and it trusts its selector, so that a
 * quiet majority rolls a record back. Here each peer's answer is read as it comes, verified by us, and compared with
 * the highest sequence ever seen; how the query ends does not matter.
 */
export async function readRecord(init: ReadRecordInit): Promise<RememberedRecord | undefined> {
  const { dhts, remembered, key, signal, friends = [], quorum = 4, graceMs = 150 } = init
  const least = await remembered.leastSequence(key)
  let best = await remembered.get(key)
  let answers = 0
  const enough = new AbortController()
  let grace: NodeJS.Timeout | undefined
  const consider = async (record: Uint8Array) => {
    const opened = await openIpnsRecord(key, record).catch(() => undefined)
    if (opened === undefined || opened.sequence < least) return
    if (best === undefined || opened.sequence > best.sequence) best = { ...opened, record }
    answers++
    if (answers >= quorum) enough.abort()
    else grace ??= setTimeout(() => enough.abort(), graceMs)
  }
  try {
    const stop = anySignal(signal, enough.signal)
    const asked = friends
      .slice(0, maxFriends)
      .map(friend => askFriend(dhts[0], friend, routingKey(key), consider, stop))
    await Promise.all([...asked, ...dhts.map(dht => readAnswers(dht, routingKey(key), consider, stop))])
  } finally {
    clearTimeout(grace)
    enough.abort()
  }
  if (best !== undefined) await remembered.keep(best)
  return best !== undefined && best.sequence >= least ? best : undefined
}

async function askFriend(
  dht: KadDHT | undefined,
  friend: PeerId,
  key: Uint8Array,
  consider: (record: Uint8Array) => Promise<void>,
  signal: AbortSignal
): Promise<void> {
  if (dht === undefined) return
  try {
    const record = await askPeer(dht, friend, { key, signal })
    if (record !== undefined && !signal.aborted) await consider(record)
  } catch {
    // Gone, or no DHT server: the others answer
  }
}

async function readAnswers(
  dht: KadDHT,
  key: Uint8Array,
  consider: (record: Uint8Array) => Promise<void>,
  signal: AbortSignal
): Promise<void> {
  try {
    for await (const event of dht.get(key, { signal })) {
      if (event.name === 'PEER_RESPONSE' && event.record !== undefined) await consider(event.record.value)
      if (signal.aborted) return
    }
  } catch {
    // Out of time, nobody to ask, or a peer that refused a correction: what was answered until then counts
  }
}
