/** What the suite of kv does again and again. */
import type { Client } from '../core/index.ts'
import type { kvProtocol } from './protocol.ts'

export type KvClient = Client<typeof kvProtocol>

/** Writes again and again until what is waited for has come; resolves to the last write. */
export async function writeUntil(
  awaited: Promise<unknown>,
  write: (i: number) => Promise<unknown>
): Promise<Promise<unknown>> {
  let isThere = false
  const seen = awaited.then(() => {
    isThere = true
  })
  let last: Promise<unknown> = Promise.resolve()
  for (let i = 0; !isThere; i++) {
    last = write(i)
    await Promise.race([seen, last])
  }
  return last
}

export async function arrives(client: KvClient, { key, space }: { key: string; space: string }): Promise<void> {
  await changes(client, { key, space }, code => code === 'none')
}

export async function leaves(client: KvClient, { key, space }: { key: string; space: string }): Promise<void> {
  await changes(client, { key, space }, code => code === 'NotFound')
}

/** Asks until it is so; a turn of the event loop between two calls lets what is on its way come in. */
export async function changes(
  client: KvClient,
  place: { key: string; space: string },
  isDone: (code: string) => boolean
) {
  while (!isDone(await codeOf(client.get(place)))) await new Promise(resolve => setTimeout(resolve))
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
