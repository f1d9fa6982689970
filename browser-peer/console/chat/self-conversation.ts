import { chatProtocol } from '../../../protocols/chat/protocol.ts'
import { ProtocolError } from '../../../protocols/core/index.ts'
import { kvProtocol } from '../../../protocols/kv/protocol.ts'
import { pause } from '../hooks/pause.ts'
import type { ConsoleTwin } from '../twin.ts'

/** In the address, until there is one. */
export const selfItem = 'self'
export const selfName = 'Notes to yourself'

const firstWaitMs = 100
const longestWaitMs = 10_000
const place = { key: 'self-conversation', space: 'console' } as const

/** The conversation with oneself is a group of one: which one it is stands in a namespace that all devices share. */
export async function findSelf(twin: Pick<ConsoleTwin, 'client'>, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { value } = await twin.client(kvProtocol).get(place, { signal })
    return typeof value === 'string' ? value : undefined
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'NotFound') return undefined
    throw error
  }
}

export async function openSelf(twin: Pick<ConsoleTwin, 'client'>): Promise<string> {
  const known = await findSelf(twin)
  if (known !== undefined) return known
  try {
    const { id } = await twin.client(chatProtocol).createGroup({ name: selfName, members: [] })
    await twin.client(kvProtocol).put({ ...place, value: id, expected: '' })
    return id
  } catch (error) {
    // Another device was first: its conversation is the one, as soon as word of it is here
    for (let waitMs = firstWaitMs; waitMs < longestWaitMs; waitMs *= 2) {
      const first = await findSelf(twin)
      if (first !== undefined) return first
      await pause(waitMs)
    }
    throw error
  }
}
