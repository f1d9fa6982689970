import { equals } from 'uint8arrays/equals'
import { nameOfSpace, twinToText } from '../../crdt/identity/index.ts'
import type { Space } from '../../crdt/index.ts'
import { chatProtocol } from '../../protocols/chat/protocol.ts'
import type { NodeCheck } from '../control/index.ts'
import type { NodeComponents } from './components.ts'
import { checkReceived, checkUnread } from './doctor-received.ts'

/** How far back the newest message of the owner is looked for. */
const lookBack = 50

/** Space by space: what of theirs is not shown here, what of ours they do not have, what they have not opened. */
export async function* checkSpaces(
  components: NodeComponents,
  about: string,
  twin: Uint8Array,
  signal: AbortSignal
): AsyncGenerator<NodeCheck> {
  const shared = components.spaces
    .list()
    .filter(space => space.kind !== 'self' && space.members().some(member => equals(member.twin, twin)))
  if (shared.length === 0) {
    const detail = 'No conversation is open yet; it opens by itself once both have synced'
    yield { about, step: 'space', result: 'wait', detail }
  }
  for (const space of shared) {
    const title = titleOf(space)
    const refusal = checkState(space, title, about)
    if (refusal !== undefined) {
      yield refusal
      continue
    }
    yield* checkReceived(space, title, about, twin)
    const sent = checkSent(components, space, title, about, twin)
    yield sent
    if (sent.result === 'good') yield* checkOpened(components, space, title, about, twin, signal)
  }
}

/** What is wrong with the entries of the own devices, and what this version cannot read. */
export function* checkOwn({ spaces }: NodeComponents, about: string): Generator<NodeCheck> {
  for (const space of spaces.list()) {
    const title = titleOf(space)
    if (space.myNumber === undefined) {
      const detail = `${title}: you were removed from it; what was there before stays readable here`
      const next = 'Ask whoever made it to add you again'
      yield { about, step: 'space', result: 'problem', detail, next }
    }
    yield* checkReceived(space, title, about, spaces.replica.self.twin)
    yield* checkUnread(space, title, about)
    yield* checkOwnWrites(space, title, about)
  }
}

/** What keeps this device from writing into a space, or what it wrote from being shown. */
function* checkOwnWrites(space: Space, title: string, about: string): Generator<NodeCheck> {
  if (space.state === 'open' && space.myNumber !== undefined && !space.hasKey) {
    const detail = `${title}: the key of what is written now is not here`
    const next =
      'It comes when the device that decides who is in the space is met, or another device of yours that has it'
    yield { about, step: 'space', result: 'wait', detail, next }
  }
  const { unshown } = space.review()
  if (unshown === 0) return
  const what = unshown === 1 ? 'one entry of yours is' : `${unshown} entries of yours are`
  const detail = `${title}: ${what} shown to nobody yet, because nobody has said since the start what they have of this device`
  const next = 'It goes on when a member is met, or by a mailbox of yours if this twin was stopped in order'
  yield { about, step: 'space', result: 'wait', detail, next }
}

function checkState(space: Space, title: string, about: string): NodeCheck | undefined {
  if (space.state === 'offered') {
    const offered = space.policy === 'notes' ? 'notes' : 'kv'
    const next = `Accept it: twin ${offered} offers, then twin ${offered} accept WHO/NAME`
    return { about, step: 'space', result: 'wait', detail: `${title} is offered and not accepted`, next }
  }
  if (space.state === 'frozen') {
    const next = 'A device wrote two different things under one number; revoke it or restore its twin'
    return { about, step: 'space', result: 'problem', detail: `${title} is frozen`, next }
  }
  return undefined
}

function checkSent(
  { spaces }: NodeComponents,
  space: Space,
  title: string,
  about: string,
  twin: Uint8Array
): NodeCheck {
  const { twin: me, device } = spaces.replica.self
  const heads = spaces.replica.space(space.id)?.frontier() ?? []
  const seq = heads.find(([who, number]) => number === device && equals(who, me))?.[2]
  if (seq === undefined)
    return { about, step: 'entries', result: 'good', detail: `${title}: nothing of yours to deliver` }
  const delivery = space.delivery({ twin: me, device, seq })
  if (delivery.twins.some(other => equals(other.twin, twin) && other.delivered)) {
    const detail = `${title}: ${seq === 1 ? 'the one entry is' : `all ${seq} entries are`} on their twin`
    return { about, step: 'entries', result: 'good', detail }
  }
  if (delivery.twins.some(other => equals(other.twin, twin) && other.inMailbox)) {
    const detail = `${title}: entry ${seq}, the newest, waits in their mailbox`
    return {
      about,
      step: 'entries',
      result: 'wait',
      detail,
      next: 'It arrives when their twin starts, also while yours is off'
    }
  }
  const next = 'It goes on by itself while both are connected; look again in a moment'
  const detail = `${title}: entry ${seq}, the newest, is not confirmed yet`
  return { about, step: 'entries', result: 'wait', detail, next }
}

/** The last rung: what is on their twin may still be unread, which only they can change. */
async function* checkOpened(
  components: NodeComponents,
  space: Space,
  title: string,
  about: string,
  twin: Uint8Array,
  signal: AbortSignal
): AsyncGenerator<NodeCheck> {
  const isServed = components.capabilities.some(({ name }) => name === chatProtocol.name)
  if (!isServed || (space.kind !== 'direct' && space.kind !== 'group')) return
  const id = twinToText(twin)
  let state: string | undefined
  const request = { who: space.text, limit: lookBack, peek: true }
  for await (const message of components.client(chatProtocol).history(request, { signal })) {
    if (message.from !== components.id || message.deleted === true) continue
    state = message.members?.find(member => member.id === id)?.state ?? message.state
  }
  if (state === 'opened') {
    yield { about, step: 'opened', result: 'good', detail: `${title}: your newest message was read` }
  } else if (state !== undefined) {
    const next = 'Nothing is wrong: they have not opened it, or have not told yet that they did'
    yield {
      about,
      step: 'opened',
      result: 'wait',
      detail: `${title}: your newest message is delivered, not read`,
      next
    }
  }
}

function titleOf(space: Space): string {
  if (space.kind === 'self') return 'Your own devices'
  if (space.kind === 'direct') return 'Conversation'
  return space.kind === 'group' ? `Group ${nameOfSpace(space)}` : `Namespace ${nameOfSpace(space)}`
}
