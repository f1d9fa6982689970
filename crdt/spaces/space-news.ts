import type { LogId } from '../log/index.ts'
import { Emitter } from './emitter.ts'
import type { DurableClaim, ReplicaEvents } from './replica.ts'
import type { Space, SpaceEvents } from './space.ts'
import type { SpaceLogger } from './spaces.ts'
import type { SpacesNews } from './spaces-news.ts'

/** What happens in one space, told to whoever listens to it, to sync sessions, and to whoever listens to all spaces. */
export class SpaceNews {
  readonly #space: Space
  readonly #all: SpacesNews
  readonly #log: SpaceLogger
  readonly #emitter: Emitter<SpaceEvents>

  constructor(space: Space, all: SpacesNews, log: SpaceLogger) {
    this.#space = space
    this.#all = all
    this.#log = log
    this.#emitter = new Emitter(log)
  }

  on<K extends keyof SpaceEvents>(event: K, listener: (detail: SpaceEvents[K]) => void): () => void {
    return this.#emitter.on(event, listener)
  }

  emit<K extends keyof SpaceEvents>(event: K, detail: SpaceEvents[K]): void {
    this.#emitter.emit(event, detail)
  }

  /** Tells sync sessions. */
  tell<K extends keyof ReplicaEvents>(event: K, detail: ReplicaEvents[K]): void {
    this.#all.sync.emit(event, detail)
    if (event === 'runs') this.#all.followUps.emit('stored', {})
  }

  /** Members, keys or device lists are others than they were. */
  changed(records: readonly Uint8Array[], wraps: readonly Uint8Array[], from?: LogId): void {
    this.tell('records', { space: this.#space.id, records, wraps, from })
    this.emit('change', {})
    this.#all.owner.emit('change', { space: this.#space })
  }

  /** Devices have signed that they hold more than they did. */
  held(claims: readonly DurableClaim[], from?: LogId): void {
    if (claims.length === 0) return
    this.tell('durable', { space: this.#space.id, claims, from })
    for (const log of new Set(claims.map(({ log }) => log))) this.emit('delivery', { log })
    this.#all.owner.emit('delivery', { space: this.#space })
  }

  /** A mailbox holds more of a log than it did. */
  deposited(log: LogId): void {
    this.emit('delivery', { log })
    this.#all.owner.emit('delivery', { space: this.#space })
  }

  /** A peer has sent all it had. */
  answered(): void {
    this.#all.followUps.emit('answered', {})
  }

  forked({ twin, device }: LogId, proof: readonly [Uint8Array, Uint8Array]): void {
    this.#log.error('A log was written twice and is frozen')
    this.#all.owner.emit('fork', { space: this.#space, twin, device, proof })
  }

  /** Own entries came back from others, and what had taken their place was written again behind them. */
  restored(returned: number, resubmitted: number): void {
    this.#log.warn('The disk had been set back: %d entries came back, %d were written again', returned, resubmitted)
    this.#all.owner.emit('restored', { space: this.#space, returned, resubmitted })
  }
}
