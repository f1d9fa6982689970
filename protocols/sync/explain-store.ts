import { SpaceError, StoreError } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'

/** What a store that is closed, or a space that is being read again, means to who reads: try again. For `createServer({ explain })`. */
export function explainStore(thrown: unknown): ProtocolError | undefined {
  const isRead = thrown instanceof SpaceError && (thrown.code === 'fenced' || thrown.code === 'stopped')
  if (!isRead && !(thrown instanceof StoreError)) return undefined
  return new ProtocolError('Unavailable', 'The twin cannot read its store now', { cause: thrown })
}
