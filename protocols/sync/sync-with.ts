import type { LogId } from '../../crdt/log/index.ts'
import { type Channel, createClient } from '../core/index.ts'
import { Conversation, type SyncComponents } from './conversation.ts'
import { syncProtocol } from './protocol.ts'

export interface SyncWithInit extends SyncComponents {
  /** The device at the other end of the channel, as hello has established it */
  readonly remote: LogId
  readonly channel: Channel
}

/** Opens a session with a device and resolves when it is over, for whatever reason: open another then. */
export async function syncWith(
  { remote, channel, ...components }: SyncWithInit,
  options: { readonly signal?: AbortSignal } = {}
): Promise<void> {
  const conversation = new Conversation(components, remote)
  const client = createClient(syncProtocol, channel)
  const stop = (): void => conversation.session.close()
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    if (options.signal?.aborted) return
    conversation.session.start()
    await conversation.listen(client.session({}, conversation.outgoing, options))
  } finally {
    options.signal?.removeEventListener('abort', stop)
    conversation.session.close()
    await client.close()
  }
}
