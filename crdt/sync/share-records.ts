import type { DecidedHead, LogId } from '../log/index.ts'
import { decodeWrap } from '../membership/index.ts'
import type { Replica, SpaceInfo } from '../spaces/index.ts'
import { chunks } from './chunks.ts'
import type { Outbox } from './outbox.ts'
import type { PeerSpace } from './peer-space.ts'

export interface ShareRecordsInit {
  readonly replica: Replica
  readonly remote: LogId
  readonly outbox: Outbox
}

/** Sends what the peer lacks of the membership; if it is the one ahead, our own OPEN makes it send. */
export function shareRecords({ replica, remote, outbox }: ShareRecordsInit, peer: PeerSpace, info: SpaceInfo): void {
  const { mhead } = peer
  const order = mhead === undefined ? 1 : compareHeads(info.mhead, mhead)
  if (order < 0) return
  const isSame = order === 0 && mhead?.[2].every((byte, index) => byte === info.mhead[2][index])
  if (isSame) replica.knows?.(remote, { kind: 'members', id: peer.id })
  if (isSame && peer.hasWraps) return
  peer.hasWraps = true
  const { records, wraps } = replica.records(peer.id, mhead, remote.twin)
  if (!isSame) {
    sendRecords(outbox, peer.key, records, wraps)
    return
  }
  // No head says which keys the device has: once a session it gets its own ones, about 200 bytes an epoch
  const own = wraps.filter(wrap => decodeWrap(wrap).device === remote.device)
  sendRecords(outbox, peer.key, [], own)
}

export function sendRecords(
  outbox: Outbox,
  key: string,
  records: readonly Uint8Array[],
  wraps: readonly Uint8Array[]
): void {
  const space = outbox.numbers.space(key)
  const ofRecords = [...chunks(records)]
  const ofWraps = [...chunks(wraps)]
  // A membership is of no use without its keys: what fits goes together, so that a break leaves both or none
  if (ofRecords.length === 1 && ofWraps.length === 1) {
    const size = ofRecords[0]!.size + ofWraps[0]!.size
    outbox.queue({ type: 'records', space, records: [...records], wraps: [...wraps] }, size)
    return
  }
  for (const { items, size } of ofRecords) outbox.queue({ type: 'records', space, records: items, wraps: [] }, size)
  for (const { items, size } of ofWraps) outbox.queue({ type: 'records', space, records: [], wraps: items }, size)
}

function compareHeads([term, seq]: DecidedHead, [otherTerm, otherSeq]: DecidedHead): number {
  return term - otherTerm || seq - otherSeq
}
