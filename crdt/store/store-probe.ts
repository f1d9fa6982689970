import type { GroupCommit } from './group-commit.ts'
import type { Outcome, Participant } from './participant.ts'
import type { Batch } from './store.ts'

/** In the store only between two changes of one batch. */
const probeKey = 'meta/probe'
/** A write fails, then whatever waits while the store is opened again is refused with the same reason: the third tells anew. */
const maxTries = 3

interface Waiting {
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/** A synced write that leaves nothing behind: it takes the way of every other write, so it tells whether those arrive. */
export class StoreProbe implements Participant {
  readonly backlog = 0
  readonly #commit: GroupCommit
  #waiting: Waiting[] = []

  constructor(commit: GroupCommit) {
    this.#commit = commit
  }

  /** @throws {StoreError} when the store takes no writes */
  async run(): Promise<void> {
    for (let tries = maxTries; ; tries--) {
      try {
        return await this.#write()
      } catch (cause) {
        if (tries <= 1 || this.#commit.isStopped) throw cause
      }
    }
  }

  async prepare(batch: Batch): Promise<Outcome | undefined> {
    if (this.#waiting.length === 0) return undefined
    const waiting = this.#waiting
    this.#waiting = []
    batch.put(probeKey, Uint8Array.of(1))
    batch.del(probeKey)
    return {
      done: () => {
        for (const { resolve } of waiting) resolve()
      },
      failed: cause => {
        for (const { reject } of waiting) reject(cause)
      }
    }
  }

  async reset(cause: unknown): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) reject(cause)
  }

  #write(): Promise<void> {
    if (this.#commit.isStopped) return Promise.reject(new Error('The store is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#commit.touch(this)
    })
  }
}
