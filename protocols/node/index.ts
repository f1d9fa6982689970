/**
 * What an owner asks a running twin about itself. The service is the node's own (`node/status`); the contract stands here because
 * the owner's browsers ask it too.
 *
 * @packageDocumentation
 */
export { type NodeCheck, type NodePeer, type NodeStatus, type NodeWarning, nodeProtocol } from './protocol.ts'
