/**
 * Calls over libp2p streams, for every root whose node is a libp2p node, and what such roots do with connections: race for the
 * shortest path, keep it, say hello, sync. Only types of libp2p are used here, and its rules about addresses; the node itself is
 * the root's.
 *
 * @packageDocumentation
 */
export {
  classifyAddress,
  compareAddresses,
  isBetterPath,
  isNeverATwin,
  isWebrtcDirect,
  type PathClass,
  pathOf
} from './address-class.ts'
export { BackOff } from './back-off.ts'
export { type Components, dialAddress, withPeer } from './dial-address.ts'
export { countHeld, heldBytes } from './held-bytes.ts'
export { Keeper } from './keep-connected.ts'
export { isLeft, leaveConnection } from './leave-connection.ts'
export {
  bestConnection,
  type Libp2pNode,
  libp2pChannel,
  maxUnsentBytes,
  registerServer,
  toByteStream
} from './libp2p.ts'
export { mendMuxer } from './mend-muxer.ts'
export { mendWebSockets } from './mend-web-sockets.ts'
export { isOneOfUs, MetPeers } from './met-peers.ts'
export { PathKeeper } from './path-keeper.ts'
export { NoPathError, PathRace } from './path-race.ts'
export { pingOver } from './ping-over.ts'
export { refuseUnconnected } from './refuse-unconnected.ts'
export { stunOf } from './stun-of.ts'
