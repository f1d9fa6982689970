import { type CallContext, defineService, ProtocolError, pause } from '../../protocols/core/index.ts'
import { type NodePeer, nodeProtocol } from '../../protocols/node/protocol.ts'
import { allLimits } from './all-limits.ts'
import { backUp } from './back-up.ts'
import type { NodeComponents } from './components.ts'
import { diagnose } from './doctor.ts'
import { exportRows } from './export-rows.ts'
import { readStatus } from './read-status.ts'

export type { NodeComponents } from './components.ts'

const pingPauseMs = 200

/** The running twin about itself, for its owner. */
export const node = defineService(nodeProtocol, (components: NodeComponents) => {
  const { mesh, contacts } = components
  return {
    status: () => readStatus(components),
    find: async ({ id }: { id: string }, { signal }: CallContext) => {
      const { id: twin, devices } = await mesh.find(id, { signal }).catch(toProtocolError)
      return {
        id: twin,
        devices: devices.map(({ device, addresses }) => ({ device, addresses: addresses.slice(0, 64) }))
      }
    },
    async *ping({ who, count = 4 }: { who: string; count?: number }, { signal }: CallContext) {
      const connection = await mesh.connect(idOf(who), { signal }).catch(toProtocolError)
      const peer = connection.remotePeer.toString()
      for (let i = 0; i < count && !signal.aborted; i++) {
        if (i > 0) await pause(pingPauseMs, signal)
        const latencyMs = await mesh.ping(peer, { signal }).catch(toProtocolError)
        const { path, address } = mesh.peers().find(found => found.peer === peer) ?? {
          path: 'public' as const,
          address: ''
        }
        yield { peer, path, address, latencyMs }
      }
    },
    async *peers(_request: object, { signal }: CallContext) {
      for (const peer of await mesh.measuredPeers({ signal })) yield toPeer(peer)
    },
    async *limits() {
      yield* allLimits(mesh.limits, components.capabilities)
    },
    doctor: ({ who }: { who?: string }, { signal }: CallContext) =>
      diagnose(components, who === undefined ? undefined : idOf(who), signal),
    connect: async ({ who }: { who: string }, { signal }: CallContext) => {
      const connection = await mesh.connect(idOf(who), { signal }).catch(toProtocolError)
      const peer = connection.remotePeer.toString()
      const found = mesh.peers().find(other => other.peer === peer)
      if (found === undefined) throw new ProtocolError('Unavailable', 'The connection was lost at once')
      return toPeer(found)
    },
    export: (_request: object, { signal }: CallContext) => exportRows(components, signal),
    backup: (request: { folder: string }, { signal }: CallContext) => backUp(components, request, signal),
    resume: async () => ({ wasOnHold: await components.hold.lift() }),
    // Not `stop`: that is the end of the service itself
    shutdown: () => {
      components.requestStop()
      return { pid: process.pid }
    }
  }

  /** A contact by name, or the id as it is given. */
  function idOf(who: string): string {
    return who.startsWith('12D3KooW') && who.length >= 52 ? who : contacts.resolve(who).id
  }

  function toPeer({ peer, path, address, latencyMs, connectedAt }: ReturnType<typeof mesh.peers>[number]): NodePeer {
    const twin = components.twinOf(peer)
    const isOwn = twin === components.id
    const isContact = twin !== undefined && contacts.classOf(twin) === 'contact'
    const name = isOwn
      ? 'me'
      : isContact
        ? contacts.nameOf(twin)
        : components.isBootstrap(peer)
          ? 'bootstrap'
          : undefined
    return {
      peer,
      path,
      address,
      connectedAt,
      ...(twin === undefined ? {} : { twin }),
      ...(name === undefined ? {} : { name }),
      ...(latencyMs === undefined ? {} : { latencyMs })
    }
  }
})

/** What the mesh throws, in the codes of the contract. */
function toProtocolError(thrown: unknown): never {
  if (thrown instanceof ProtocolError) throw thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (error.name === 'TypeError')
    throw new ProtocolError('InvalidArgument', error.message.slice(0, 256), { cause: error })
  if (error.name === 'TwinNotFoundError') {
    throw new ProtocolError('Unavailable', error.message, { cause: error })
  }
  throw new ProtocolError('Unavailable', 'The twin cannot be reached now', { cause: error })
}
