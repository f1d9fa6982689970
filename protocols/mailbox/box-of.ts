import { textToTwin } from '../../crdt/identity/index.ts'
import { type Caller, ProtocolError } from '../core/index.ts'

/** The box of a caller: of the device that its connection proves. */
export function boxOf({ peer }: Caller): Uint8Array {
  if (peer === undefined) throw new ProtocolError('InvalidArgument', 'A box needs a channel with a peer id')
  try {
    return textToTwin(peer)
  } catch (cause) {
    throw new ProtocolError('InvalidArgument', 'A box needs a peer with an Ed25519 key', { cause })
  }
}
