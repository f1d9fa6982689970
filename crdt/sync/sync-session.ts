import type { MaybePromise } from '../crypto/index.ts'
import { bytesToHex, type LogId } from '../log/index.ts'
import type { Replica } from '../spaces/index.ts'
import { DeviceExchange } from './device-exchange.ts'
import { Inbox, type Received } from './inbox.ts'
import { decodeItem, type Message } from './message.ts'
import { PeerNumbers } from './numbers.ts'
import { Outbox } from './outbox.ts'
import { PeerSpace } from './peer-space.ts'
import { SpaceExchange } from './space-exchange.ts'
import type { SpaceProgress } from './space-progress.ts'
import { SyncError } from './sync-error.ts'

export interface SyncSessionInit {
  readonly replica: Replica
  /** The device at the other end, as hello has established it */
  readonly remote: LogId
  /** Takes one item; a promise holds back everything until it resolves. */
  send(item: Uint8Array): MaybePromise<void>
  /** ms since 1970 */
  clock?(): number
  /** Called when `progress()` has something new to say. */
  onProgress?(): void
}

export interface SyncProgress {
  readonly isOpen: boolean
  readonly error: SyncError | undefined
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly spaces: readonly SpaceProgress[]
}

/**
 * Sync with one device (FORMATS §10): frontiers are compared, what is missing is sent, then what is new goes out as it is stored.
 * Pure: no timers, no I/O of its own. It keeps nothing that outlives it, so it may end and start again at any point, and both sides
 * may open the same space at once.
 */
export class SyncSession {
  /** Resolves when the session is over: `undefined` after `close()`, else why. */
  readonly closed: Promise<SyncError | undefined>
  readonly remote: LogId
  readonly #init: SyncSessionInit
  readonly #numbers = new PeerNumbers<PeerSpace>()
  readonly #outbox: Outbox
  readonly #inbox: Inbox<PeerSpace>
  readonly #spaces: SpaceExchange
  readonly #devices: DeviceExchange
  #stops: (() => void)[] = []
  #state: 'new' | 'open' | 'closed' = 'new'
  #error: SyncError | undefined
  #receivedBytes = 0
  #resolveClosed: (error: SyncError | undefined) => void = () => {}

  constructor(init: SyncSessionInit) {
    this.#init = init
    this.remote = init.remote
    this.closed = new Promise(resolve => {
      this.#resolveClosed = resolve
    })
    const { replica, remote } = init
    this.#outbox = new Outbox({
      send: item => init.send(item),
      failed: cause => this.#fail(asSyncError('send', 'The item could not be sent', cause))
    })
    this.#spaces = new SpaceExchange({
      replica,
      remote,
      outbox: this.#outbox,
      changed: () => this.#init.onProgress?.()
    })
    this.#devices = new DeviceExchange({ replica, remote, outbox: this.#outbox })
    this.#inbox = new Inbox({
      handle: received => this.#handle(received),
      handleRuns: (space, runs) => this.#spaces.receiveRuns(space, runs),
      handleClaims: (space, claims) => this.#spaces.receiveClaims(space, claims),
      failed: cause => this.#fail(asSyncError('replica', 'What was received could not be stored', cause))
    })
  }

  /** Opens every space that is shared with the peer. */
  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'open'
    const { replica } = this.#init
    this.#stops = [
      replica.on('runs', event => this.#spaces.runStored(event)),
      replica.on('durable', event => this.#spaces.claimed(event)),
      replica.on('milestone', event => this.#spaces.milestoneMade(event)),
      replica.on('records', event => this.#spaces.recordsAdded(event)),
      replica.on('space', ({ space }) => {
        this.#devices.sharedChanged()
        this.#spaces.spaceChanged(space)
      }),
      replica.on('devices', ({ twin }) => {
        if (replica.isRevoked(this.remote)) this.#fail(revoked())
        else {
          this.#devices.grown(twin)
          this.#spaces.retry()
        }
      }),
      replica.on('awareness', event => this.#spaces.awareness(event))
    ]
    if (replica.isRevoked(this.remote)) {
      this.#fail(revoked())
      return
    }
    this.#devices.start()
    this.#spaces.openAll()
  }

  /** Compares frontiers anew, in case something got lost on the way that nobody noticed. */
  resync(): void {
    if (this.#state !== 'open') return
    this.#devices.start()
    this.#spaces.openAll()
  }

  /**
   * Takes one item of the peer. Resolves when there is room for the next one; wait for it before reading on.
   *
   * @throws {SyncError} when the item is malformed or the session is over: the session is closed then
   */
  async receive(item: Uint8Array): Promise<void> {
    if (this.#state !== 'open') throw this.#error ?? new SyncError('closed', 'The session is not open')
    this.#receivedBytes += item.length
    try {
      const received = decodeItem(item).map(message => this.#look(message))
      await this.#inbox.take(received, item.length)
    } catch (error) {
      this.#fail(asSyncError('malformed', 'The peer sent a malformed item', error))
    }
    // Also when it was closed while the item waited
    if (this.#error !== undefined) throw this.#error
  }

  /** Ends the session. Idempotent; nothing is sent or taken afterwards. */
  close(): void {
    this.#fail(undefined)
  }

  progress(): SyncProgress {
    return {
      isOpen: this.#state === 'open',
      error: this.#error,
      sentBytes: this.#outbox.sentBytes,
      receivedBytes: this.#receivedBytes,
      spaces: this.#spaces.progress()
    }
  }

  /** Looks numbers up in the order in which they came. */
  #look(message: Message): Received<PeerSpace> {
    switch (message.type) {
      case 'open': {
        const { id } = message
        const space = this.#numbers.open(
          message.space,
          () => new PeerSpace(id, message.space, bytesToHex(id), this.#now())
        )
        if (space.key !== bytesToHex(id)) throw new SyncError('malformed', 'The peer gave one number to two spaces')
        space.opened(this.#now())
        return { message, space }
      }
      case 'log': {
        const space = this.#numbers.space(message.space)
        const log = { twin: message.twin, device: message.device }
        this.#numbers.name(message.log, space, log)
        return { message, space, log }
      }
      case 'run': {
        const space = this.#numbers.space(message.space)
        const run = this.#numbers.whole(message.log, space, message.run)
        return { message: { ...message, run }, space, log: this.#numbers.log(message.log, space) }
      }
      case 'durable': {
        const space = this.#numbers.space(message.space)
        return { message, space, by: this.#numbers.log(message.by, space), log: this.#numbers.log(message.log, space) }
      }
      case 'devices':
      case 'heads':
      case 'refuse':
        return { message }
      default:
        return { message, space: this.#numbers.space(message.space) }
    }
  }

  async #handle(received: Received<PeerSpace>): Promise<void> {
    const { message } = received
    if (message.type === 'heads') this.#devices.receiveHeads(message.heads)
    else if (message.type === 'devices') {
      if (await this.#devices.receive(message.twin, message.records)) this.#spaces.retry()
    } else if (message.type === 'refuse') this.#spaces.refused(message)
    else if (message.type !== 'log') await this.#spaces.receive(received)
  }

  #now(): number {
    return this.#init.clock?.() ?? Date.now()
  }

  #fail(error: SyncError | undefined): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#error = error
    for (const stop of this.#stops.splice(0)) stop()
    this.#inbox.close()
    this.#outbox.close()
    this.#spaces.close()
    this.#resolveClosed(error)
    this.#init.onProgress?.()
  }
}

function revoked(): SyncError {
  return new SyncError('revoked', 'The device at the other end was revoked')
}

function asSyncError(code: SyncError['code'], message: string, cause: unknown): SyncError {
  return cause instanceof SyncError ? cause : new SyncError(code, message, { cause })
}
