import { SyncSession } from '../../crdt/sync/index.ts'
import { describe, type Life, type Twin } from './twin.ts'
import type { World } from './world.ts'

/** Bytes on the way from which on a sender has to wait */
const window = 64 * 1024

interface End {
  readonly twin: Twin
  readonly life: Life
  readonly session: SyncSession
  isOpen: boolean
}

interface Direction {
  lastArrival: number
  /** Something got lost for good: nothing behind it arrives either */
  isBroken: boolean
  readonly arrived: { readonly item: Uint8Array; readonly done: () => void }[]
  isHandling: boolean
  bytes: number
}

export interface LinkInit {
  readonly world: World
  readonly twins: readonly [Twin, Twin]
  readonly isBlocked: (from: Twin, to: Twin) => boolean
  /** Whether messages are lost now */
  readonly isLossy: () => boolean
}

/** A connection of two twins with a sync session at each end. Ordered and whole until it breaks, as a stream is. */
export class Link {
  readonly #init: LinkInit
  readonly #ends: readonly [End, End]
  readonly #directions: readonly [Direction, Direction] = [newDirection(), newDirection()]
  readonly #latencyMs: number

  constructor(init: LinkInit) {
    const { world, twins } = init
    this.#init = init
    this.#latencyMs = world.random.chance(0.2) ? world.random.between(50, 200) : world.random.between(0.5, 30)
    const createEnd = (at: 0 | 1): End => {
      const [twin, other] = [twins[at], twins[1 - at]!]
      const session = new SyncSession({
        replica: twin.spaces!.replica,
        remote: { twin: other.identity.twin, device: 1 },
        send: item => this.#send(at, item),
        clock: () => twin.clock.now()
      })
      return { twin, life: twin.life!, session, isOpen: true }
    }
    this.#ends = [createEnd(0), createEnd(1)]
    for (const [at, { session }] of this.#ends.entries()) {
      void session.closed.then(error => {
        if (error !== undefined) this.#failed(at as 0 | 1, error)
      })
    }
  }

  start(): void {
    for (const { session } of this.#ends) session.start()
  }

  /** Whether this twin takes the link for usable. */
  isOpenFor(twin: Twin): boolean {
    return this.#ends.some(end => end.twin === twin && end.isOpen && !end.life.isDead)
  }

  get isOver(): boolean {
    return !this.#ends.some(({ isOpen }) => isOpen)
  }

  /** One end goes without a word; the other finds out by and by. */
  break(): void {
    for (const direction of this.#directions) this.#breakDirection(direction)
  }

  closeFor(twin: Twin): void {
    for (const at of [0, 1] as const) if (this.#ends[at].twin === twin) this.#close(at)
    this.break()
  }

  #send(from: 0 | 1, item: Uint8Array): void | Promise<void> {
    const { world, isBlocked, isLossy } = this.#init
    const { time, random, counts, options, log } = world
    const [end, other] = [this.#ends[from], this.#ends[1 - from]!]
    const direction = this.#directions[from]
    if (!end.isOpen || end.life.isDead) throw new Error('The link is closed')
    counts.messages++
    let delay = this.#latencyMs * random.between(0.9, 1.3)
    const isGone = isBlocked(end.twin, other.twin)
    if (isGone || (isLossy() && random.chance(options.loss))) {
      if (isGone || random.chance(options.breaking)) {
        counts.messagesLost++
        log.add(time.now, `${end.twin.index} > ${other.twin.index} loses ${item.length}`)
        this.#breakDirection(direction)
      } else {
        counts.messagesDelayed++
        delay += random.between(100, 400)
      }
    }
    if (direction.isBroken) return undefined
    log.add(time.now, `${end.twin.index} > ${other.twin.index} sends ${item.length}`)
    direction.lastArrival = Math.max(direction.lastArrival + 0.01, time.now + delay)
    direction.bytes += item.length
    const copy = item.slice()
    return new Promise(resolve => {
      const hasRoom = direction.bytes < window && !random.chance(0.1)
      if (hasRoom) resolve()
      time.after(direction.lastArrival - time.now, () => {
        direction.arrived.push({ item: copy, done: resolve })
        void this.#handle(from)
      })
    })
  }

  async #handle(from: 0 | 1): Promise<void> {
    const direction = this.#directions[from]
    const end = this.#ends[1 - from]!
    if (direction.isHandling) return
    direction.isHandling = true
    for (let next = direction.arrived.shift(); next !== undefined; next = direction.arrived.shift()) {
      direction.bytes -= next.item.length
      next.done()
      if (!end.isOpen || end.life.isDead) continue
      try {
        await end.session.receive(next.item)
      } catch {
        // `closed` says why
        this.break()
      }
    }
    direction.isHandling = false
  }

  #failed(at: 0 | 1, error: Error & { code: string }): void {
    const { world } = this.#init
    const { twin, life } = this.#ends[at]
    const isExpected = life.isDead || error.code === 'send' || error.code === 'closed' || error.code === 'replica'
    if (!isExpected) world.violate(`twin ${twin.index}: an honest peer was refused: ${describe(error)}`)
    if (error.code === 'replica' && !life.isDead && !twin.disk.hasFailed) {
      world.violate(`twin ${twin.index} could not store what it received: ${describe(error)}`)
    }
    this.#close(at)
    this.break()
  }

  #breakDirection(direction: Direction): void {
    if (direction.isBroken) return
    direction.isBroken = true
    this.#init.world.counts.linksBroken++
    const { time, random } = this.#init.world
    for (const at of [0, 1] as const) {
      if (this.#ends[at].isOpen) time.after(random.between(10, 600), () => this.#close(at))
    }
  }

  #close(at: 0 | 1): void {
    const end = this.#ends[at]
    if (!end.isOpen) return
    end.isOpen = false
    end.session.close()
    for (const { done } of this.#directions[1 - at]!.arrived) done()
  }
}

function newDirection(): Direction {
  return { lastArrival: 0, isBroken: false, arrived: [], isHandling: false, bytes: 0 }
}
