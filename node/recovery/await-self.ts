import type { DeviceList } from '../../crdt/identity/index.ts'
import type { Spaces } from '../../crdt/index.ts'
import { createServer } from '../../protocols/core/index.ts'
import { Connections, type ConnectionsInit } from '../connections.ts'
import { serverLimits } from '../limits.ts'
import type { Mesh } from '../mesh/index.ts'
import type { People } from '../people.ts'
import { TwinError } from '../twin-error.ts'

export interface AwaitSelfInit extends Omit<ConnectionsInit, 'isContact' | 'expectedHead' | 'mesh'> {
  readonly makeMesh: () => Promise<Mesh>
  readonly timeoutMs?: number
}

const selfTimeoutMs = 60_000
/** After its keys came, the first entries of a private space are waited for this long */
const emptyMs = 2000

/** Whether the list names another device that runs all the time: it has the private space, and two of one twin could never meet. */
export function hasOtherNodes(list: DeviceList | undefined, own: number): boolean {
  const nodes = list?.devices().filter(({ certificate }) => certificate.role === 'node') ?? []
  return nodes.some(({ number }) => number !== own && list?.isRevoked(number) === false)
}

/** Whether the private space is here and can be written. */
function isSelfHere(spaces: Spaces): boolean {
  // Without the space `self` throws; without its key nothing in it can be read
  return spaces.list().some(space => space.kind === 'self' && space.mayWrite('keys'))
}

/**
 * A new device of a twin begins with nothing: what the twin knows, its contacts included, is in the private space that its other
 * devices hold. Runs a mesh that knows the own devices and nobody else until that space is here.
 *
 * @throws {TwinError} when no other device has brought it in time
 */
export async function awaitSelf(init: AwaitSelfInit): Promise<void> {
  const { spaces, log, timeoutMs = selfTimeoutMs } = init
  if (isSelfHere(spaces)) return
  const mesh = await init.makeMesh()
  const connections = new Connections({ ...init, mesh, isContact: () => false, expectedHead: () => undefined })
  const server = createServer({ services: [connections.sync], log, ...serverLimits(mesh.limits) })
  try {
    await connections.start(server, nobody)
    await mesh.start()
    const signal = AbortSignal.timeout(timeoutMs)
    let since: number | undefined
    for (;;) {
      if (isSelfHere(spaces)) {
        since ??= performance.now()
        // A private space that nothing was ever written into brings no rows
        if (hasRows(spaces) || performance.now() - since > emptyMs) return
      }
      if (signal.aborted) {
        throw new TwinError(
          'NoSelf',
          'No other device of this twin has brought its private space',
          'Start one of them with a meeting point both know, or begin anew: twin init --restore --alone'
        )
      }
      await news(spaces, signal)
    }
  } finally {
    await connections.stop()
    await server.stop()
    await mesh.stop()
  }
}

const nobody: People = {
  wanted: () => [],
  async *list() {},
  onChange: () => () => {},
  onReachable: async () => {}
}

function hasRows({ self, replica }: Spaces): boolean {
  return (replica.space(self.id)?.frontier() ?? []).some(([, , seq]) => seq > 0)
}

/** Resolves at the next change, at the end of the time, and twice a second in any case. */
function news(spaces: Spaces, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      for (const stop of stops) stop()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, 500)
    const stops = [spaces.on('open', end), spaces.on('change', end)]
    signal.addEventListener('abort', end, { once: true })
  })
}
