/**
 * The owner's way in: a Unix socket in a folder of mode 0700 that speaks the same contracts as the mesh does.
 *
 * @packageDocumentation
 */

export type { NodeCheck, NodePeer, NodeStatus, NodeWarning } from '../../protocols/node/protocol.ts'
export { type ControlConnection, connectToTwin, NotRunning } from './client.ts'
export { serveControl } from './server.ts'
export { controlSocketPath } from './socket-path.ts'
