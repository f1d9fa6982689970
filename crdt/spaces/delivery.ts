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
  const { membership, me } = context
  const devices: LogId[] = []
  const nodes: LogId[] = []
  for (const { by, seq } of claims) {
    if (seq < ref.seq || (equals(by.twin, me.twin) && by.device === me.device)) continue
    devices.push(by)
    if (isNode(context, by)) nodes.push(by)
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

/** How many entries of this device's own log, which has `seq`, no other node device of its twin has signed to hold. */
export function unsyncedOf(context: SpaceContext, claims: Iterable<DurableClaim>, seq: number): number {
  const { me } = context
  let held = 0
  for (const claim of claims) {
    const isOther = equals(claim.by.twin, me.twin) && claim.by.device !== me.device
    if (isOther && isNode(context, claim.by)) held = Math.max(held, claim.seq)
  }
  return Math.max(0, seq - held)
}

/** Browsers and command lines are here today and gone tomorrow: what they hold is delivered to nobody. */
export function isNode({ directory }: SpaceContext, { twin, device }: LogId): boolean {
  return directory.get(twin)?.device(device)?.certificate.role === 'node'
}
