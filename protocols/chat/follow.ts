import type { Space, Spaces } from '../../crdt/index.ts'
import type { Logger } from '../core/index.ts'
import type { Conversations, Place } from './conversations.ts'
import { Follower, type FollowerInit, type FollowItem } from './follower.ts'

export interface FollowComponents {
  readonly conversations: Conversations
  readonly spaces: Pick<Spaces, 'list' | 'on'>
  /** Absent: all conversations */
  readonly place: Place | undefined
  readonly init: FollowerInit & { readonly log: Logger }
}

/** What happens in a conversation, or in all, those that begin meanwhile included. */
export async function* follow(
  { conversations, spaces, place, init }: FollowComponents,
  signal: AbortSignal
): AsyncGenerator<FollowItem> {
  const follower = new Follower(init)
  const add = async (space: Space) => {
    const isMeant = place === undefined ? conversations.isChat(space) : conversations.isAt(space, place)
    if (isMeant && space.state !== 'offered') await follower.add(conversations.of(space))
  }
  const onSpace = ({ space }: { space: Space }) => {
    add(space).catch(error => init.log.warn('A conversation cannot be followed: %o', error))
  }
  const stops = [spaces.on('open', onSpace), spaces.on('change', onSpace)]
  try {
    if (place !== undefined) await conversations.open(place)
    for (const space of spaces.list()) await add(space)
    yield* follower.items(signal)
  } finally {
    for (const stop of stops) stop()
    follower.stop()
  }
}
