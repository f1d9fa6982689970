import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { access, cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../project.ts'
import { runHere } from './command.ts'
import { describeExit, type Exit, Program, type ProgramInit } from './program.ts'

export const twinFile = join(projectRoot, 'dist/bin/twin.js')
export const bootstrapFile = join(projectRoot, 'dist/bin/twin-bootstrap.js')

/** Code that one twin compiled is used by the next ones: each would compile the same two megabytes. It is of use to one build and one V8. */
const { mtimeMs: built } = statSync(join(projectRoot, 'dist/bin/daemon.cjs'))
const sharedCode = join(projectRoot, `dist/test/code-${built}-${process.versions.v8}`)

/** Between two looks at a twin, in ms at least and at most, and as a share of the time since the first: it has work to do meanwhile. */
const lookEveryMs = { least: 50, most: 500, share: 0.1 }

export interface Started {
  readonly id: string
  readonly device: string
  readonly addresses: readonly string[]
  readonly console: string
}

export interface TwinInit {
  readonly home: string
  readonly bootstrap?: readonly string[]
  readonly port?: number
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where it runs: see `ProgramInit` */
  readonly within?: readonly string[]
  /** Takes no code that another twin compiled */
  readonly compiles?: boolean
}

/** A twin as a real process, driven through its command line alone. */
export class TwinProcess {
  readonly home: string
  id = ''
  started: Started | undefined
  readonly #init: TwinInit
  #program: Program | undefined
  /** Last words of a twin that ended and was not asked to */
  #lastWords: string | undefined

  constructor(init: TwinInit) {
    this.home = init.home
    this.#init = init
  }

  get isRunning(): boolean {
    return this.#program !== undefined
  }

  /** Throws while it does not run: a signal to -1 would reach every process. */
  get pid(): number {
    if (this.#program === undefined) throw new Error(`The twin in ${this.home} does not run`)
    return this.#program.pid
  }

  async init(...more: readonly string[]): Promise<void> {
    const { id } = await this.object<{ id: string }>('init', ...more)
    this.id = id
  }

  /** Becomes another device of the twin whose phrase the kit holds; its other devices are found through the meeting points. */
  async restore(kit: string, ...more: readonly string[]): Promise<{ id: string; device: string; others: number }> {
    const where = (this.#init.bootstrap ?? []).flatMap(address => ['--bootstrap', address])
    return await this.object('init', '--restore', '--kit', kit, '--no-mdns', ...where, ...more)
  }

  /** Runs `twin start` in the foreground and waits until it listens. */
  async start(...more: readonly string[]): Promise<Started> {
    if (this.#init.compiles !== true) await copyIfNew(sharedCode, join(this.home, 'code'))
    const args = ['start', '--home', this.home, '--port', String(this.#init.port ?? 0), '--no-mdns', '--json', ...more]
    if (!more.includes('--console-port')) args.push('--console-port', String(consolePortOf(this.home)))
    for (const address of this.#init.bootstrap ?? []) args.push('--bootstrap', address)
    this.#program = new Program(twinFile, { args, env: this.#init.env, within: this.#init.within, lifeMs: 900_000 })
    try {
      this.started = await this.#program.waitForJson<Started>(value => 'addresses' in value)
    } catch (error) {
      await this.stop('SIGKILL')
      throw error
    }
    this.id = this.started.id
    void this.#watch(this.#program)
    return this.started
  }

  /** Rejects when it had ended before, and not with code 0: that is a defect, whatever a spec is about. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit | undefined> {
    const program = this.#program
    this.#program = undefined
    const exit = await program?.stop(signal)
    const lastWords = this.#lastWords
    this.#lastWords = undefined
    if (lastWords !== undefined) throw new Error(lastWords)
    if (exit?.code === 0) await copyIfNew(join(this.home, 'code'), sharedCode)
    return exit
  }

  async #watch(program: Program): Promise<void> {
    const exit = await program.exited
    if (this.#program !== program || exit.code === 0) return
    this.#lastWords = `The twin in ${this.home} ended by itself: ${describeExit(exit)}`
    console.error(this.#lastWords)
  }

  /** Runs one command as a process of its own to its end, whatever its exit code. */
  run(args: readonly string[], init?: Partial<ProgramInit>): Promise<Exit> {
    return runTwin([...args, '--home', this.home], { env: this.#init.env, ...init })
  }

  /** Lines of JSON that a command printed, run in this process; rejects unless it ended with code 0. */
  async list<T>(...args: readonly string[]): Promise<T[]> {
    return linesOf<T>(
      args,
      await runHere([...args, '--json', '--home', this.home], { ...process.env, ...this.#init.env })
    )
  }

  /** The one object that a command printed. */
  async object<T>(...args: readonly string[]): Promise<T> {
    const [first] = await this.list<T>(...args)
    if (first === undefined) throw new Error(`twin ${args.join(' ')} printed no JSON`)
    return first
  }

  /** A command that goes on until it is stopped, such as `chat follow`. */
  stream(...args: readonly string[]): Program {
    return new Program(twinFile, { args: [...args, '--home', this.home, '--json'], env: this.#init.env })
  }

  /** Repeats a command until its output is accepted; rejects with the last output when the time is up. */
  async eventually<T>(args: readonly string[], accept: (lines: T[]) => boolean, timeoutMs = 60_000): Promise<T[]> {
    const begin = Date.now()
    for (;;) {
      const lines = await this.list<T>(...args).catch((error: unknown) => error as Error)
      if (!(lines instanceof Error) && accept(lines)) return lines
      const sinceMs = Date.now() - begin
      if (sinceMs > timeoutMs) {
        const last = lines instanceof Error ? lines.message : JSON.stringify(lines)
        throw new Error(`twin ${args.join(' ')} did not come to it in ${timeoutMs} ms; last: ${last.slice(-2000)}`)
      }
      const pauseMs = Math.min(lookEveryMs.most, Math.max(lookEveryMs.least, sinceMs * lookEveryMs.share))
      await new Promise(resolve => setTimeout(resolve, pauseMs))
    }
  }
}

const consolePorts = new Map<string, number>()

/**
 * A port of its own for the console of each home. Browsers keep their device under the address of the console, so nobody
 * else may take it while the twin is off: the lanes of a run count in different hundreds, below the ports that twins choose.
 */
function consolePortOf(home: string): number {
  let port = consolePorts.get(home)
  if (port === undefined) {
    port = 10_000 + (process.pid % 100) * 100 + (consolePorts.size % 100)
    consolePorts.set(home, port)
  }
  return port
}

function linesOf<T>(args: readonly string[], exit: Exit): T[] {
  if (exit.code !== 0) throw new Error(`twin ${args.join(' ')}: ${describeExit(exit)}`)
  return exit.stdout.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line) as T] : []))
}

/** Files are written under other names first: several twins do the same at the same time. */
async function copyIfNew(from: string, to: string): Promise<void> {
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false
    )
  if (!(await isThere(from)) || (await isThere(to))) return
  const draft = `${to}.${randomUUID()}`
  await cp(from, draft, { recursive: true })
  await rename(draft, to).catch(() => rm(draft, { recursive: true }))
}

export function runTwin(args: readonly string[], init: Partial<ProgramInit> = {}): Promise<Exit> {
  return new Program(twinFile, { lifeMs: 60_000, ...init, args }).exited
}

/** A fresh folder and a function that removes it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'twinmesh-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}
