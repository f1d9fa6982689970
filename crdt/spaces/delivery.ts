import { equals } from 'uint8arrays/equals'
import type { LogId } from '../log/index.ts'
import type { DurableClaim } from './replica.ts'
import type { Delivery, EntryRef } from './space.ts'
import type { SpaceContext } from './space-context.ts'

/** Where an entry is, read off signed claims about its log. */
export function deliveryOf(context: SpaceContext, claims: Iterable<DurableClaim>, ref: EntryRef): Delivery {
  const { directory, membership, me } = context
  const devices: LogId[] = []
  const nodes: LogId[] = []
  for (const { by, seq } of claims) {
    if (seq < ref.seq || (equals(by.twin, me.twin) && by.device === me.device)) continue
    devices.push(by)
    if (directory.get(by.twin)?.device(by.device)?.certificate.role === 'node') nodes.push(by)
  }
  const others = (membership.view?.members ?? []).filter(({ twin }) => !equals(twin, ref.twin))
  const twins = others.map(({ twin }) => ({ twin, delivered: nodes.some(by => equals(by.twin, twin)) }))
  if (twins.length > 0 && twins.every(({ delivered }) => delivered)) return { state: 'their-twin', devices, twins }
  const isMine = nodes.some(by => equals(by.twin, ref.twin) && by.device !== ref.device)
  return { state: isMine ? 'my-twin' : 'saved', devices, twins }
}
