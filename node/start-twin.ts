import { serveControl } from './control/index.ts'
import { checkPrivateFolder, type Home, lockHome, readConfig, updateConfig } from './home/index.ts'
import { createLogger } from './logger.ts'
import { createTwin, type Twin, type TwinInit } from './twin.ts'
import { explainStart } from './twin-error.ts'

export interface StartTwinInit extends Omit<TwinInit, 'home' | 'log' | 'consoleUrl'> {
  readonly home: Home
  /** What links for new devices open; default that of the last start */
  readonly consoleUrl?: string
  readonly isVerbose?: boolean
  /** Gives up starting */
  readonly signal?: AbortSignal
}

/**
 * Runs a twin the way `twin start` does: takes the home, remembers its settings, listens, and answers the owner's commands on
 * the control socket. Throws `TwinError` or `HomeError`, which say what to do.
 */
export async function startTwin(init: StartTwinInit): Promise<Twin> {
  const { home } = init
  // Where there is no twin nothing is written, and an open home is not used
  await readConfig(home)
  await checkPrivateFolder(home.folder)
  const lock = await lockHome(home)
  const undo: (() => Promise<void>)[] = [() => lock.release()]
  try {
    const config = await readConfig(home)
    // What was once named stays: a meeting point is not to be typed at every start
    const bootstrap = [...new Set([...(init.bootstrap ?? []), ...(config.start.bootstrap ?? [])])].slice(
      0,
      maxBootstrap
    )
    const port = init.port ?? config.start.port
    const log = createLogger('node', init.isVerbose ? 'debug' : 'warn', line => process.stderr.write(line))
    const consoleUrl = init.consoleUrl ?? config.start.consoleUrl
    const twin = await createTwin({ ...init, home, bootstrap, port, consoleUrl: () => consoleUrl, log })
    undo.unshift(() => twin.stop())
    const control = await serveControl(home, twin.server, { twin: twin.id, device: twin.deviceNumber })
    undo.unshift(() => control.close())
    if (init.bootstrap !== undefined || init.consoleUrl !== undefined || (init.port !== undefined && init.port !== 0)) {
      const start = {
        ...config.start,
        bootstrap,
        ...(init.port ? { port: init.port } : {}),
        ...(consoleUrl === undefined ? {} : { consoleUrl })
      }
      await updateConfig(home, { start })
    }
    return withStop(twin, undo)
  } catch (thrown) {
    for (const step of undo) await step().catch(() => {})
    throw explainStart(thrown, home.folder)
  }
}

const maxBootstrap = 16

/** The same twin, whose end is also the end of its socket and its lock, in that order. */
function withStop(twin: Twin, steps: readonly (() => Promise<void>)[]): Twin {
  let stopping: Promise<void> | undefined
  let resolve = () => {}
  const stopped = new Promise<void>(done => {
    resolve = done
  })
  const stop = async () => {
    try {
      for (const step of steps) await step()
    } finally {
      resolve()
    }
  }
  const stopOnce = () => {
    stopping ??= stop()
    return stopping
  }
  void twin.stopRequested.then(stopOnce).catch(() => {})
  return {
    id: twin.id,
    device: twin.device,
    deviceNumber: twin.deviceNumber,
    addresses: () => twin.addresses(),
    client: protocol => twin.client(protocol),
    server: twin.server,
    spaces: twin.spaces,
    mesh: twin.mesh,
    stopRequested: twin.stopRequested,
    stopped,
    stop: stopOnce
  }
}
