import { type ConsoleInit, startConsole } from './console/index.ts'
import { serveControl } from './control/index.ts'
import { checkPrivateFolder, type Home, lockHome, readConfig, updateConfig } from './home/index.ts'
import { createLogger } from './logger.ts'
import { createTwin, type Twin, type TwinInit } from './twin.ts'
import { explainStart } from './twin-error.ts'

export interface StartTwinInit extends Omit<TwinInit, 'home' | 'log' | 'consoleUrl'> {
  readonly home: Home
  /** How the console is served; `false` for not at all */
  readonly console?: ConsoleInit | false
  /** Told, in a sentence, what does not keep the twin from running */
  readonly onProblem?: (text: string) => void
  readonly isVerbose?: boolean
  /** Gives up starting */
  readonly signal?: AbortSignal
}

export interface StartedTwin extends Twin {
  /** What opens the console */
  readonly console: string | undefined
}

/**
 * Runs a twin the way `twin start` does: takes the home, remembers its settings, listens, and answers the owner's commands on
 * the control socket. Throws `TwinError` or `HomeError`, which say what to do.
 */
export async function startTwin(init: StartTwinInit): Promise<StartedTwin> {
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
    const page = await startConsole(init.console ?? {}, config.start)
    undo.unshift(() => page.close())
    const consoleUrl: TwinInit['consoleUrl'] = level => (level === undefined ? page.url : page.linkUrl(level))
    const twin = await createTwin({ ...init, home, bootstrap, port, log, consoleUrl })
    undo.unshift(() => twin.stop())
    const control = await serveControl(home, twin.server, { twin: twin.id, device: twin.deviceNumber })
    undo.unshift(() => control.close())
    const start = { ...config.start, ...page.remembered, ...(init.port ? { port: init.port } : {}) }
    if (init.bootstrap !== undefined) start.bootstrap = bootstrap
    if (JSON.stringify(start) !== JSON.stringify(config.start)) await updateConfig(home, { start })
    if (page.problem !== undefined) init.onProblem?.(page.problem)
    return { ...withStop(twin, undo), console: page.url }
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
