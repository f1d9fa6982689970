import { rm } from 'node:fs/promises'
import { type ControlConnection, connectToTwin, homeAt } from '../../node/index.ts'
import type { Client } from '../../protocols/core/index.ts'
import { kvProtocol } from '../../protocols/kv/protocol.ts'
import { TwinProcess } from '../harness/twin.ts'
import type { Check } from './checker.ts'
import { Ledger } from './ledger.ts'
import { pump } from './pump.ts'
import { bytesOf, isEqual, keyOf } from './work.ts'

/** A whole twin as a process, written to through its control socket. What it acknowledged is known here alone. */
export class TwinSubject {
  readonly ledger = new Ledger()
  readonly #home: string
  readonly #twin: TwinProcess
  #connection: ControlConnection | undefined
  #kv: Client<typeof kvProtocol> | undefined
  #stop = new AbortController()
  #pumping: Promise<void> | undefined
  #next = 1

  constructor(home: string) {
    this.#home = home
    this.#twin = new TwinProcess({ home })
  }

  async init(): Promise<void> {
    await this.#twin.init()
    await this.#open()
  }

  /** Begins to write with so many writes under way. */
  write(inFlight: number): void {
    const client = this.#kv!
    this.#stop = new AbortController()
    this.ledger.begin()
    this.#pumping = pump({
      first: this.#next,
      inFlight,
      put: async item => {
        await client.put({ key: keyOf(item), value: bytesOf(item) })
      },
      onIssued: item => {
        this.#next = item + 1
        this.ledger.note({ issued: item })
      },
      onAcked: item => this.ledger.note({ acked: [item] }),
      onRefused: cause => this.ledger.note({ refusal: cause instanceof Error ? cause.message : String(cause) }),
      signal: this.#stop.signal
    })
  }

  async read(item: number): Promise<boolean> {
    try {
      const { value } = await this.#kv!.get({ key: keyOf(item) })
      return value instanceof Uint8Array && isEqual(value, bytesOf(item))
    } catch {
      return false
    }
  }

  /** SIGKILL, whatever is under way. */
  async kill(): Promise<void> {
    this.#stop.abort()
    await this.#twin.stop('SIGKILL')
    await this.#connection?.close().catch(() => {})
    this.#connection = undefined
    await this.#pumping
    this.ledger.end()
  }

  /** Starts the twin again and holds what it lists against what it acknowledged. */
  async check(): Promise<Check> {
    const startedAt = performance.now()
    try {
      await this.#open()
    } catch (cause) {
      return { lost: this.ledger.acked, problems: [`The twin does not start: ${String(cause)}`], openMs: Number.NaN }
    }
    const openMs = performance.now() - startedAt
    const found = new Map<string, unknown>()
    for await (const { key, value } of this.#kv!.list({})) found.set(key, value)
    const isThere = (item: number) => {
      const value = found.get(keyOf(item))
      return value instanceof Uint8Array && isEqual(value, bytesOf(item))
    }
    return { lost: this.ledger.acked.filter(item => !isThere(item)), problems: [], openMs }
  }

  async remove(): Promise<void> {
    await this.kill()
    await rm(this.#home, { recursive: true, force: true })
  }

  async #open(): Promise<void> {
    await this.#twin.start()
    this.#connection = await connectToTwin(homeAt(this.#home, {}))
    this.#kv = this.#connection.client(kvProtocol)
  }
}
