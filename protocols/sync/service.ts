import { textToTwin } from '../../crdt/identity/index.ts'
import { type CallContext, defineService, ProtocolError } from '../core/index.ts'
import { Conversation, type SyncComponents, toPeerError } from './conversation.ts'
import { syncProtocol } from './protocol.ts'

/** Answers sessions that other devices open. */
export const sync = defineService(syncProtocol, (components: SyncComponents) => ({
  session: (_request: unknown, incoming: AsyncIterable<Uint8Array>, context: CallContext) =>
    answer(components, incoming, context)
}))

async function* answer(
  components: SyncComponents,
  incoming: AsyncIterable<Uint8Array>,
  { caller: { twin, device }, signal }: CallContext
): AsyncGenerator<Uint8Array> {
  if (twin === undefined || device === undefined) {
    throw new ProtocolError('Unauthenticated', 'Sync is between devices that said hello')
  }
  const conversation = new Conversation(components, { twin: textToTwin(twin), device })
  const { session, outgoing } = conversation
  const stop = (): void => session.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    void conversation.listen(incoming)
    session.start()
    yield* outgoing
    const error = await session.closed
    if (error !== undefined) throw toPeerError(error)
  } finally {
    signal.removeEventListener('abort', stop)
    session.close()
  }
}
