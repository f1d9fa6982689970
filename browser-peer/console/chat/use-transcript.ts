import { useEffect, useState } from 'preact/hooks'
import { type ChatMessage, chatProtocol } from '../../../protocols/chat/protocol.ts'
import { pause } from '../hooks/pause.ts'
import { useClient } from '../hooks/twin-context.ts'
import { asError, collect } from '../hooks/use-load.ts'
import type { Conversations } from './use-conversations.ts'

export interface Transcript {
  readonly messages: readonly ChatMessage[] | undefined
  readonly error: Error | undefined
  readonly hasEarlier: boolean
  loadEarlier(): Promise<void>
}

const pageSize = 60
const firstWaitMs = 200
const longestWaitMs = 10_000
/** A wait that is longer is told of */
const patienceMs = 1000

/** The messages of one conversation, newest last, as they come and change. */
export function useTranscript(who: string, conversations: Conversations): Transcript {
  const chat = useClient(chatProtocol)
  const [messages, setMessages] = useState<readonly ChatMessage[]>()
  const [error, setError] = useState<Error>()
  const [hasEarlier, setHasEarlier] = useState(false)
  useEffect(() => {
    const stop = new AbortController()
    setMessages(undefined)
    setError(undefined)
    const { signal } = stop
    const load = async () => {
      const page = await collect(chat.history({ who, limit: pageSize, peek: true }, { signal }))
      if (signal.aborted) return
      setError(undefined)
      setMessages(now => merge(page, now ?? []))
      setHasEarlier(page.length === pageSize)
    }
    // A conversation may be known by name before it has arrived in this browser
    const run = async () => {
      for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
        try {
          return await load()
        } catch (thrown) {
          if (!signal.aborted && waitMs > patienceMs) setError(asError(thrown))
        }
        await pause(waitMs, signal)
      }
    }
    void run()
    const unlisten = conversations.listen(event => {
      if (event.type === 'typing' || event.message.conversation !== who) return
      setMessages(now => merge(now ?? [], [event.message]))
    })
    return () => {
      stop.abort()
      unlisten()
    }
    // The listener is the same function however often the list is read again
  }, [who, chat])
  const last = messages?.at(-1)?.id
  useEffect(() => {
    // What is on the screen was read; what comes in while nobody looks was not
    const read = () => {
      if (document.visibilityState === 'visible' && last !== undefined)
        void chat.read({ who }).then(conversations.reload, () => {})
    }
    read()
    document.addEventListener('visibilitychange', read)
    return () => document.removeEventListener('visibilitychange', read)
  }, [who, last, chat])
  return {
    messages,
    error,
    hasEarlier,
    loadEarlier: async () => {
      const before = messages?.[0]?.id
      if (before === undefined) return
      const page = await collect(chat.history({ who, limit: pageSize, before, peek: true }))
      setMessages(now => merge(page, now ?? []))
      setHasEarlier(page.length === pageSize)
    }
  }
}

/** The later word about a message counts; the order stays that of the transcript, and new ones go last. */
function merge(one: readonly ChatMessage[], other: readonly ChatMessage[]): ChatMessage[] {
  const byId = new Map(one.map(message => [message.id, message]))
  for (const message of other) byId.set(message.id, message)
  return [...byId.values()]
}
