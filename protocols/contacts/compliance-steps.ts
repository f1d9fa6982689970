/** What the suite of contacts does again and again. */
import type { Client } from '../core/index.ts'
import type { ContactState, contactsProtocol } from './protocol.ts'

type ContactsClient = Client<typeof contactsProtocol>

export interface ContactsTwin {
  readonly id: string
  /** Calls as the owner */
  readonly owner: ContactsClient
  /** Calls as another twin would, by its id and by what it is to this twin at the time of the call */
  from(twin: string): ContactsClient
  /** Whether others reach it; those who wait for it are told when it comes back */
  setReachable(isReachable: boolean): Promise<void>
}

/** Ids of the right shape; nobody is behind them. */
export function strangerId(i: number): string {
  const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  return `12D3KooW${digits[Math.floor(i / 58)]!.repeat(43)}${digits[i % 58]}`
}

export function tokenOf(link: string): Uint8Array {
  const text = new URLSearchParams(link.split('?')[1]).get('t')!
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), character => character.charCodeAt(0))
}

export async function stateOf(twin: ContactsTwin, id: string): Promise<ContactState | undefined> {
  return (await all(twin.owner.list({}))).find(contact => contact.id === id)?.state
}

/** Asks until it is so; a turn of the event loop between two calls lets what is on its way come in. */
export async function isIt(twin: ContactsTwin, id: string, state: ContactState): Promise<void> {
  while ((await stateOf(twin, id)) !== state) await new Promise(resolve => setTimeout(resolve))
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
