import { useState } from 'preact/hooks'
import { chatProtocol } from '../../../protocols/chat/protocol.ts'
import type { schema } from '../../../protocols/core/index.ts'
import { useClient } from '../hooks/twin-context.ts'
import { collect, useLoad } from '../hooks/use-load.ts'
import type { Conversations } from './use-conversations.ts'

export type Member = schema.Output<(typeof chatProtocol)['methods']['members']['item']>

export interface Members {
  readonly list: readonly Member[]
  add(who: string): Promise<void>
}

/** Who is in a group, looked up whenever something happens in a conversation. */
export function useMembers(group: string | undefined, conversations: Conversations): Members {
  const chat = useClient(chatProtocol)
  // The twin adds them, and it takes a moment until this browser has word of it
  const [added, setAdded] = useState<readonly Member[]>([])
  const { value = [] } = useLoad(
    async signal => (group === undefined ? [] : await collect(chat.members({ who: group }, { signal }))),
    [chat, group, conversations.list]
  )
  return {
    list: [...value, ...added.filter(({ id }) => value.every(member => member.id !== id))],
    add: async who => {
      const member = await chat.addMember({ group: group ?? '', who })
      setAdded(now => [...now, member])
    }
  }
}
