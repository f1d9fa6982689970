import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

/** A person's terminal: one bash that keeps its variables, aliases and background jobs from command to command. */
export class Shell {
  readonly #bash: ChildProcessWithoutNullStreams
  #printed = ''
  #onPrinted = () => {}
  #count = 0

  constructor(cwd: string, env: Readonly<Record<string, string | undefined>> = {}) {
    // A group of its own, so that everything it started can be ended with it
    this.#bash = spawn('bash', ['--noprofile', '--norc'], { cwd, env: { ...process.env, ...env }, detached: true })
    for (const stream of [this.#bash.stdout, this.#bash.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#printed += text
        this.#onPrinted()
      })
    }
    this.#bash.stdin.on('error', () => {})
    this.#bash.stdin.write('shopt -s expand_aliases\n')
  }

  /** Runs a command to its end and returns all that it printed. */
  async run(command: string, timeoutMs = 60_000): Promise<string> {
    const mark = `end-of-command-${this.#count++}`
    const from = this.#printed.length
    this.#bash.stdin.write(`${command}\necho; echo ${mark}\n`)
    const at = await this.#waitFor(() => this.#printed.indexOf(`\n${mark}\n`, from), timeoutMs, command)
    return this.#printed.slice(from, at)
  }

  /** Starts a command in the background and waits until what is printed is accepted. */
  async runUntil(command: string, accept: (printed: string) => boolean, timeoutMs = 60_000): Promise<string> {
    const from = this.#printed.length
    this.#bash.stdin.write(`${command}\n`)
    await this.#waitFor(() => (accept(this.#printed.slice(from)) ? 0 : -1), timeoutMs, command)
    return this.#printed.slice(from)
  }

  /** Ends the shell and everything that it started. */
  async close(): Promise<void> {
    const ended = new Promise(resolve => this.#bash.once('exit', resolve))
    if (this.#bash.exitCode === null && this.#bash.pid !== undefined) {
      process.kill(-this.#bash.pid, 'SIGKILL')
      await ended
    }
  }

  #waitFor(find: () => number, timeoutMs: number, command: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onPrinted = () => {}
        reject(new Error(`${command} did not print it in ${timeoutMs} ms; printed: ${this.#printed.slice(-1500)}`))
      }, timeoutMs)
      this.#onPrinted = () => {
        const found = find()
        if (found < 0) return
        clearTimeout(timer)
        this.#onPrinted = () => {}
        resolve(found)
      }
      this.#onPrinted()
    })
  }
}
