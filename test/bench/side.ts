import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a bench asks of the process that plays one end. Arguments and results are plain data. */
// biome-ignore lint/suspicious/noExplicitAny: each bench knows both ends of its own calls
export type SideMethods = Readonly<Record<string, (argument: any) => unknown>>

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** Answers the bench from inside a side; call it once, last. */
export function serveSide(methods: SideMethods): void {
  const all: SideMethods = { ...methods, cpu: () => cpuMicroseconds() }
  process.on('message', (message: { id: number; method: string; argument: unknown }) => {
    void answer(all, message).then(reply => process.send?.(reply))
  })
  process.on('disconnect', () => process.exit())
}

/** User and system time of this process in µs. */
export function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** A process that plays one end of a bench. */
export class Side {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #next = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: Answer) => {
      this.#waiting.get(message.id)?.(message)
      this.#waiting.delete(message.id)
    })
    child.on('exit', code => {
      for (const settle of this.#waiting.values()) settle({ id: -1, error: `Side ended with code ${code}` })
      this.#waiting.clear()
    })
  }

  /** Starts `sides/<name>.js`, with the execution arguments of the bench and more. */
  static start(name: string, execArgv: readonly string[] = [], args: readonly string[] = []): Side {
    const file = fileURLToPath(new URL(`./sides/${name}.js`, import.meta.url))
    return new Side(fork(file, args, { execArgv: [...process.execArgv, ...execArgv], serialization: 'advanced' }))
  }

  call<T = unknown>(method: string, argument?: unknown): Promise<T> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ value, error }) => {
        // The sender of the answer is the side whose method was called
        if (error === undefined) resolve(value as T)
        else reject(new Error(`${method}: ${error}`))
      })
      this.#child.send({ id, method, argument }, error => {
        if (error !== null) this.#waiting.get(id)?.({ id, error: String(error) })
      })
    })
  }

  /** CPU time of the process so far, µs. */
  cpu(): Promise<number> {
    return this.call<number>('cpu')
  }

  /** Lets the process end by itself, so that a CPU profile is written, and waits for it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.disconnect()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(timer)
  }
}

async function answer(
  methods: SideMethods,
  message: { id: number; method: string; argument: unknown }
): Promise<Answer> {
  try {
    return { id: message.id, value: await methods[message.method]!(message.argument) }
  } catch (error) {
    return { id: message.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
