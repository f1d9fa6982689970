/** What the suite of chat does again and again. */
import { expect } from 'chai'
import type { Client } from '../core/index.ts'
import type { ChatMessage, chatProtocol } from './protocol.ts'

type ChatClient = Client<typeof chatProtocol>

export interface ChatTwin {
  readonly id: string
  readonly chat: ChatClient
  /** Stores a small file of this name, as `blobs.put` does */
  putFile(name: string): Promise<NonNullable<ChatMessage['attachments']>[number]>
  /** Offline, a twin neither sends nor gets anything */
  setOnline(isOnline: boolean): Promise<void>
  /** Ends it without notice and starts it again on the same store */
  restart(): Promise<void>
}

/** Reads until there are that many; reading opens them unless it peeks. */
export async function has({ chat }: ChatTwin, who: string, count: number, peek = false): Promise<ChatMessage[]> {
  for (;;) {
    const messages = await all(chat.history({ who, limit: count + 1, peek })).catch(notYet)
    if (messages.length >= count) {
      expect(messages).to.have.length(count)
      return messages
    }
    await turn()
  }
}

export async function read({ chat }: ChatTwin, who: string): Promise<void> {
  await all(chat.history({ who }))
}

export async function becomes(
  { chat }: ChatTwin,
  who: string,
  id: string,
  isIt: (message: ChatMessage) => boolean
): Promise<ChatMessage> {
  for (;;) {
    const message = (await all(chat.history({ who, peek: true }))).find(message => message.id === id)
    if (message !== undefined && isIt(message)) return message
    await turn()
  }
}

export async function becomesLast(
  { chat }: ChatTwin,
  who: string,
  isIt: (message: ChatMessage) => boolean
): Promise<ChatMessage> {
  for (;;) {
    const message = (await all(chat.history({ who, peek: true })).catch(notYet)).at(-1)
    if (message !== undefined && isIt(message)) return message
    await turn()
  }
}

export async function reaches(twin: ChatTwin, who: string, id: string, state: ChatMessage['state']): Promise<void> {
  await becomes(twin, who, id, message => message.state === state)
}

/** A group that was just made has not arrived yet. */
export function notYet(error: { code?: string }): ChatMessage[] {
  if (error.code !== 'NotFound') throw error
  return []
}

export async function find<T>(items: AsyncIterator<T>, isIt: (item: T) => boolean): Promise<T> {
  for (;;) {
    const { value, done } = await items.next()
    if (done === true) throw new Error('The stream ended')
    if (isIt(value)) return value
  }
}

export async function repeatUntil(awaited: Promise<unknown>, action: () => Promise<unknown>): Promise<void> {
  let isOver = false
  const over = awaited.finally(() => {
    isOver = true
  })
  while (!isOver) await Promise.race([over, action().then(turn)])
  await over
}

/** Lets what is on its way come in. */
export function turn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve))
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
