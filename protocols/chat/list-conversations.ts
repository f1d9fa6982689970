import type { Conversation } from './conversation.ts'
import type { Conversations } from './conversations.ts'
import type { Outbox, Queued } from './outbox.ts'

export interface ConversationItem {
  readonly id: string
  readonly kind: 'direct' | 'group'
  readonly name: string
  readonly unread: number
  /** Time and text of the newest message */
  readonly at?: number
  readonly text?: string
}

/** Conversations and people for whom something waits, the one with the newest message first. */
export async function* listConversations(
  conversations: Conversations,
  outbox: Outbox,
  nameOf: (twin: string) => string
): AsyncGenerator<ConversationItem> {
  const begun = [...conversations.all()]
  const items = await Promise.all(begun.map(conversation => toItem(conversation, conversations)))
  const listed = new Set(begun.map(({ space }) => conversations.otherOf(space)))
  for (const twin of await outbox.twins()) {
    if (listed.has(twin)) continue
    let last: Queued | undefined
    for await (const queued of outbox.list(twin)) last = queued
    const newest = last === undefined ? {} : { at: last.at, text: last.text }
    items.push({ id: twin, kind: 'direct', name: nameOf(twin), unread: 0, ...newest })
  }
  yield* items.sort((a, b) => (b.at ?? 0) - (a.at ?? 0))
}

async function toItem({ space, transcript }: Conversation, conversations: Conversations): Promise<ConversationItem> {
  const [last] = await transcript.page(1)
  return {
    id: space.text,
    kind: space.kind === 'group' ? 'group' : 'direct',
    name: conversations.nameOf(space),
    unread: await transcript.unread(),
    ...(last !== undefined && { at: last.position.at, text: last.text })
  }
}
