import type { Space } from '../../crdt/index.ts'
import type { NodeCheck } from '../control/index.ts'
import type { NodeComponents } from './components.ts'

/** Which of our entries the other has not confirmed, space by space. */
export function* checkSpaces({ spaces }: NodeComponents, about: string, twin: Uint8Array): Generator<NodeCheck> {
  const shared = spaces.list().filter(space => space.kind !== 'self' && space.numberOf(twin) !== undefined)
  if (shared.length === 0) {
    const detail = 'No conversation is open yet; it opens by itself once both have synced'
    yield { about, step: 'space', result: 'wait', detail }
  }
  for (const space of shared) yield checkSpace(spaces.replica, space, about, twin)
}

function checkSpace(
  replica: NodeComponents['spaces']['replica'],
  space: Space,
  about: string,
  twin: Uint8Array
): NodeCheck {
  const title = titleOf(space)
  if (space.state === 'offered') {
    const next = 'Accept it: twin kv offers, then twin kv accept WHO/NAME'
    return { about, step: 'space', result: 'wait', detail: `${title} is offered and not accepted`, next }
  }
  if (space.state === 'frozen') {
    const next = 'A device wrote two different things under one number; revoke it or restore its twin'
    return { about, step: 'space', result: 'problem', detail: `${title} is frozen`, next }
  }
  const { twin: me, device } = replica.self
  const mine = replica
    .space(space.id)
    ?.frontier()
    .find(([who, number]) => number === device && isSame(who, me))
  if (mine === undefined)
    return { about, step: 'entries', result: 'good', detail: `${title}: nothing of yours to deliver` }
  const delivery = space.delivery({ twin: me, device, seq: mine[2] })
  const isDelivered = delivery.twins.some(other => isSame(other.twin, twin) && other.delivered)
  if (isDelivered)
    return {
      about,
      step: 'entries',
      result: 'good',
      detail: `${title}: ${mine[2] === 1 ? 'the one entry is' : `all ${mine[2]} entries are`} on their twin`
    }
  const next = 'It goes on by itself while both are connected; look again in a moment'
  return {
    about,
    step: 'entries',
    result: 'wait',
    detail: `${title}: entry ${mine[2]}, the newest, is not confirmed yet`,
    next
  }
}

function titleOf(space: Space): string {
  if (space.kind === 'direct') return 'Conversation'
  return space.kind === 'group' ? `Group ${space.name}` : `Namespace ${space.name}`
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
