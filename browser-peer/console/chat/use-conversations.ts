import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { chatProtocol } from '../../../protocols/chat/protocol.ts'
import type { schema } from '../../../protocols/core/index.ts'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { collect, useLoad } from '../hooks/use-load.ts'
import { useStream } from '../hooks/use-stream.ts'
import { Drafts } from './drafts.ts'
import { findSelf } from './self-conversation.ts'

type Methods = (typeof chatProtocol)['methods']
export type Conversation = schema.Output<Methods['conversations']['item']>
export type ChatEvent = schema.Output<Methods['follow']['item']>

export interface Conversations {
  readonly list: readonly Conversation[] | undefined
  /** Id of the conversation with oneself, once there is one */
  readonly self: string | undefined
  readonly error: Error | undefined
  readonly unread: number
  /** Who is writing now, by conversation */
  readonly typing: ReadonlyMap<string, string>
  readonly drafts: Drafts
  reload(): void
  /** Hears every event of every conversation */
  listen(listener: (event: ChatEvent) => void): () => void
}

const settleMs = 120
const typingMs = 8000

/** One follower for the whole page: lists, marks and transcripts hang on it. */
export function useConversations(): Conversations {
  const twin = useTwin()
  const chat = useClient(chatProtocol)
  const { value, error, reload } = useLoad(
    async signal => ({
      list: await collect(chat.conversations({}, { signal })),
      self: await findSelf(twin, signal).catch(() => undefined)
    }),
    [twin]
  )
  const [drafts] = useState(() => new Drafts())
  const listeners = useRef(new Set<(event: ChatEvent) => void>())
  const [typing, setTyping] = useState<ReadonlyMap<string, string>>(new Map())
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>())
  const due = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const setOne = (conversation: string, name: string | undefined) =>
    setTyping(now => {
      const next = new Map(now)
      if (name === undefined) next.delete(conversation)
      else next.set(conversation, name)
      return next
    })
  useStream(
    signal => chat.follow({ peek: true }, { signal }),
    event => {
      for (const listener of listeners.current) listener(event)
      if (event.type === 'typing') {
        clearTimeout(timers.current.get(event.conversation))
        setOne(event.conversation, event.typing ? event.name : undefined)
        if (event.typing) {
          timers.current.set(
            event.conversation,
            setTimeout(() => setOne(event.conversation, undefined), typingMs)
          )
        }
        return
      }
      if (event.type === 'message') setOne(event.message.conversation, undefined)
      clearTimeout(due.current)
      due.current = setTimeout(reload, settleMs)
    },
    [twin]
  )
  useEffect(
    () => () => {
      clearTimeout(due.current)
      for (const timer of timers.current.values()) clearTimeout(timer)
    },
    []
  )
  return useMemo(
    () => ({
      list: value?.list,
      self: value?.self,
      error,
      unread: (value?.list ?? []).reduce((sum, { unread }) => sum + unread, 0),
      typing,
      drafts,
      reload,
      listen: listener => {
        listeners.current.add(listener)
        return () => listeners.current.delete(listener)
      }
    }),
    [value, error, typing]
  )
}
