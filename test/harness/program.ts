import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

export interface ProgramInit {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Command that runs another, with its words before those of the program, as `ip netns exec` does */
  readonly within?: readonly string[]
  /** Text for standard input, which is closed after it */
  readonly input?: string
  /** Standard input stays open for `write` */
  readonly isTyped?: boolean
  /** Milliseconds after which the process is killed whatever it does; default two minutes */
  readonly lifeMs?: number
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Milliseconds between SIGTERM and SIGKILL. */
const graceMs = 10_000
const defaultLifeMs = 120_000

const alive = new Set<Program>()

// The last resort: a spec run that dies leaves nothing behind
process.on('exit', () => {
  for (const program of alive) program.signal('SIGKILL')
})

/** A child process under its handle, bounded in time. What it prints is kept and can be waited for. */
export class Program {
  readonly exited: Promise<Exit>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Set<() => void>()
  #stdout = ''
  #stderr = ''
  #exit: Exit | undefined

  constructor(file: string, init: ProgramInit) {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, TWIN_HOME: undefined, ...init.env }
    const [command, ...words] = [...(init.within ?? []), process.execPath, file, ...init.args]
    this.#child = spawn(command!, words, { cwd: init.cwd, env })
    alive.add(this)
    const timer = setTimeout(() => this.signal('SIGKILL'), init.lifeMs ?? defaultLifeMs)
    this.#child.stdin.on('error', () => {})
    if (init.isTyped !== true) this.#child.stdin.end(init.input ?? '')
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#wake()
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#wake()
    })
    this.exited = new Promise(resolve => {
      this.#child.on('error', error => {
        this.#stderr += String(error)
      })
      this.#child.on('close', (code, signal) => {
        clearTimeout(timer)
        alive.delete(this)
        this.#exit = { code, signal, stdout: this.#stdout, stderr: this.#stderr }
        this.#wake()
        resolve(this.#exit)
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Whole lines printed so far. */
  get lines(): readonly string[] {
    return this.#stdout.split('\n').slice(0, -1)
  }

  /** All that was printed so far, on both outputs. */
  get printed(): string {
    return this.#stdout + this.#stderr
  }

  /** Waits until this was printed; rejects when the process ends first. */
  async waitForText(text: string, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!this.printed.includes(text)) {
      if (this.#exit !== undefined) throw new Error(`Ended before it said ${text}: ${describeExit(this.#exit)}`)
      if (!(await this.#news(deadline - Date.now())))
        throw new Error(`Did not say ${text}: ${this.printed.slice(-500)}`)
    }
  }

  /** Types on its standard input, see `isTyped`. */
  write(text: string): void {
    this.#child.stdin.write(text)
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal)
  }

  /** Waits for a line of JSON that the test accepts; rejects with what was printed when the process ends first. */
  async waitForJson<T>(accept: (value: T) => boolean = () => true, timeoutMs = 60_000): Promise<T> {
    const deadline = Date.now() + timeoutMs
    for (let seen = 0; ; ) {
      const lines = this.lines
      for (; seen < lines.length; seen++) {
        const value = parseObject<T>(lines[seen]!)
        if (value !== undefined && accept(value)) return value
      }
      if (this.#exit !== undefined) throw new Error(`Ended before the line came: ${describeExit(this.#exit)}`)
      if (!(await this.#news(deadline - Date.now()))) {
        throw new Error(
          `No such line in ${timeoutMs} ms; printed: ${this.#stdout.slice(-500)} ${this.#stderr.slice(-500)}`
        )
      }
    }
  }

  /** Ends the process: politely, then not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(signal)
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** True when something new was printed or the process ended, false when the time was up. */
  #news(timeoutMs: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), Math.max(0, timeoutMs))
      this.#waiting.add(() => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }
}

export function describeExit(exit: Exit): string {
  return `code ${exit.code ?? exit.signal}; ${exit.stderr.slice(-1000)}${exit.stdout.slice(-500)}`
}

function parseObject<T>(line: string): T | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as T
  } catch {
    return undefined
  }
}
