/**
 * Calls over libp2p streams, for every root whose node is a libp2p node. Only types of libp2p are used here; the node itself is
 * the root's.
 *
 * @packageDocumentation
 */
export { countHeld, heldBytes } from './held-bytes.ts'
export {
  bestConnection,
  type Libp2pNode,
  libp2pChannel,
  maxUnsentBytes,
  registerServer,
  toByteStream
} from './libp2p.ts'
