import { equals } from 'uint8arrays/equals'
import type { LogId } from '../log/index.ts'
import type { DurableClaim } from './replica.ts'
import type { Delivery, EntryRef } from './space.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpacesInit } from './spaces.ts'

/** Where an entry is, read off signed claims about its log, and off receipts of mailboxes for those who have not claimed it. */
export function deliveryOf(
  context: SpaceContext,
  claims: Iterable<DurableClaim>,
  ref: EntryRef,
  inMailbox: SpacesInit['inMailbox'] = () => 0
): Delivery {
  const { directory, membership, me } = context
  const devices: LogId[] = []
  const nodes: LogId[] = []
  for (const { by, seq } of claims) {
    if (seq < ref.seq || (equals(by.twin, me.twin) && by.device === me.device)) continue
    devices.push(by)
    if (directory.get(by.twin)?.device(by.device)?.certificate.role === 'node') nodes.push(by)
  }
  const others = (membership.view?.members ?? []).filter(({ twin }) => !equals(twin, ref.twin))
  const twins = others.map(({ twin }) => {
    const delivered = nodes.some(by => equals(by.twin, twin))
    return { twin, delivered, inMailbox: !delivered && inMailbox(context.id, ref, twin) >= ref.seq }
  })
  if (twins.length > 0 && twins.every(({ delivered }) => delivered)) return { state: 'their-twin', devices, twins }
  if (twins.length > 0 && twins.every(({ delivered, inMailbox }) => delivered || inMailbox))
    return { state: 'mailbox', devices, twins }
  const isMine = nodes.some(by => equals(by.twin, ref.twin) && by.device !== ref.device)
  return { state: isMine ? 'my-twin' : 'saved', devices, twins }
}
