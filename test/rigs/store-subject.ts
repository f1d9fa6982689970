import { type Check, Checker } from './checker.ts'
import type { Control } from './controls.ts'
import { type Identity, makeIdentity } from './identity.ts'
import { Ledger } from './ledger.ts'
import { WriterProcess } from './writer-process.ts'

/** A store in a process of its own that is written to without a network. */
export class StoreSubject {
  readonly ledger = new Ledger()
  readonly #dir: string
  readonly #me: Identity
  readonly #reader: Identity
  readonly #control: Control | undefined
  readonly #writer = new WriterProcess()

  static async create(dir: string, control?: Control): Promise<StoreSubject> {
    return new StoreSubject(dir, await makeIdentity(), await makeIdentity(), control)
  }

  private constructor(dir: string, me: Identity, reader: Identity, control: Control | undefined) {
    this.#dir = dir
    this.#me = me
    this.#reader = reader
    this.#control = control
  }

  async init(): Promise<void> {}

  async write(inFlight: number): Promise<void> {
    const [dir, me, reader, control] = [this.#dir, this.#me, this.#reader, this.#control]
    await this.#writer.write({ dir, me, reader, first: 1, inFlight, control }, this.ledger)
  }

  read(item: number): Promise<boolean> {
    return this.#writer.read(item)
  }

  kill(): Promise<void> {
    return this.#writer.kill()
  }

  check(): Promise<Check> {
    return new Checker(this.#me, this.#reader).check(this.#dir, this.ledger.acked)
  }

  remove(): Promise<void> {
    return this.kill()
  }
}
