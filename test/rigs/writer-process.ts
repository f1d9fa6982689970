import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { projectRoot } from '../project.ts'
import type { Ledger } from './ledger.ts'
import { atExit } from './leftovers.ts'
import type { WriteOrder, WriterNews, WriterOrder } from './writer.ts'

const file = fileURLToPath(new URL('writer.js', import.meta.url))
const readTimeoutMs = 5000

/** Kills the writer at the entry of the `when`-th call of a thread, by way of strace. */
export interface CrashPoint {
  readonly syscall: string
  readonly when: number
}

/** A writer under its handle: started and warm, but without a store until it is told to write. */
export class WriterProcess {
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  readonly #reads = new Map<number, (isThere: boolean) => void>()
  readonly #ready: Promise<void>
  #ledger: Ledger | undefined
  #failure = ''
  isDone = false

  constructor(point?: CrashPoint) {
    const node = [process.execPath, '--import', './node/scripts/node20-shim.mjs', file]
    const words = point === undefined ? node : [...tracer(point), ...node]
    // One thread makes the calls whose number a crash point names
    const env = { ...process.env, ...(point !== undefined && { UV_THREADPOOL_SIZE: '1' }) }
    this.#child = spawn(words[0]!, words.slice(1), {
      cwd: projectRoot,
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced'
    })
    // A writer whose parent is gone also ends by itself, unless it stands still
    const forget = atExit(() => this.#child.kill('SIGKILL'))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#failure = (this.#failure + text).slice(-1000)
    })
    let isReady = () => {}
    this.#ready = new Promise(resolve => {
      isReady = resolve
    })
    this.#child.on('message', (news: WriterNews) => {
      if (news.type === 'ready') isReady()
      else this.#note(news)
    })
    this.#child.on('error', error => {
      this.#failure += String(error)
    })
    this.exited = new Promise(resolve => {
      this.#child.on('close', () => {
        forget()
        isReady()
        for (const answer of this.#reads.values()) answer(false)
        this.#ledger?.end()
        resolve()
      })
    })
  }

  /** Why it could not write, or nothing. */
  get failure(): string {
    return this.#failure
  }

  /** Begins to write; what it is told goes into the ledger. */
  async write(order: Omit<WriteOrder, 'type'>, ledger: Ledger): Promise<void> {
    await this.#ready
    ledger.begin()
    this.#ledger = ledger
    this.#send({ type: 'write', ...order })
  }

  /** Whether the writer reads an item as it was written. */
  read(item: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), readTimeoutMs)
      this.#reads.set(item, isThere => {
        clearTimeout(timer)
        resolve(isThere)
      })
      this.#send({ type: 'read', item })
    })
  }

  /** Stands still until `resume`, so that what is written between two faults does not depend on how long a check takes. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #send(order: WriterOrder): void {
    // It may be gone already, which its end tells
    if (this.#child.connected) this.#child.send(order, () => {})
  }

  #note(news: WriterNews): void {
    if (news.type === 'news') this.#ledger?.note(news)
    if (news.type === 'refused') this.#ledger?.note({ issued: news.issued, refusal: news.reason })
    if (news.type === 'read') {
      this.#reads.get(news.item)?.(news.isThere)
      this.#reads.delete(news.item)
    }
    if (news.type === 'failed') this.#failure = news.reason
    if (news.type === 'done') this.isDone = true
    if (news.type === 'failed' || news.type === 'done') this.#ledger?.end()
  }
}

function tracer({ syscall, when }: CrashPoint): string[] {
  const inject = `inject=${syscall}:signal=KILL:when=${when}`
  return ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${syscall}`, '-e', inject]
}
