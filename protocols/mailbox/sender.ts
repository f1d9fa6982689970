import type { Database, ReplicaEvents } from '../../crdt/index.ts'
import { bytesToHex, type LogId } from '../../crdt/log/index.ts'
import { type Clock, type Logger, ProtocolError, silentLogger, systemClock } from '../core/index.ts'
import { BoxFiller, type BoxFillerComponents } from './box-filler.ts'
import { newsIn } from './news.ts'
import { NewsRows } from './news-rows.ts'
import { SentRows } from './sent-rows.ts'
import type { ToldBox, ToldBoxes } from './told-boxes.ts'

export interface SenderComponents extends Omit<BoxFillerComponents, 'sent' | 'news' | 'lookIn'> {
  readonly db: Database
  readonly told: ToldBoxes
  /** Whether a device of this twin is connected */
  readonly isReachable: (twin: Uint8Array) => boolean
  /** Whether the device with this transport key is connected */
  readonly isHere: (box: Uint8Array) => boolean
  readonly isContact: (twin: Uint8Array) => boolean
  readonly clock?: Clock
  readonly log?: Logger
}

export interface SenderInit {
  /** Milliseconds for which a twin has to be away before anything is left for it */
  readonly awayMs?: number
  /** ms since 1970 */
  readonly now?: () => number
}

/** What is written within this time goes together */
const gatherMs = 1000
const firstPauseMs = 5000
const maxPauseMs = 15 * 60_000

/**
 * Leaves for contacts that are away what they lack, in their mailboxes. Who was shut out is left, once, for each of their devices that
 * is not here, though another one is.
 */
export class Sender {
  readonly #components: SenderComponents
  readonly #awayMs: number
  readonly #now: () => number
  readonly #clock: Clock
  readonly #log: Logger
  readonly #sent: SentRows
  readonly #news: NewsRows
  readonly #filler: BoxFiller
  /** Twin or device of it → since when it is away, on the clock */
  readonly #away = new Map<string, number>()
  readonly #pauses = new Map<string, { readonly ms: number; readonly until: number }>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #stopped = new AbortController()
  readonly #undo: (() => void)[] = []
  #isSkipped = false
  #next: { readonly at: number; readonly callOff: () => void } | undefined

  constructor(components: SenderComponents, { awayMs = 5000, now = Date.now }: SenderInit = {}) {
    const { clock = systemClock, log = silentLogger, db } = components
    this.#components = components
    this.#awayMs = awayMs
    this.#now = now
    this.#clock = clock
    this.#log = log
    this.#sent = new SentRows(db)
    this.#news = new NewsRows(db, clock)
    const lookIn = (ms: number) => this.#lookIn(ms)
    this.#filler = new BoxFiller({ ...components, sent: this.#sent, news: this.#news, lookIn, log }, now)
  }

  /** Before anybody asks what is in mailboxes. */
  async load(): Promise<void> {
    await this.#sent.load()
    await this.#news.load()
  }

  start(): void {
    const { replica } = this.#components
    const wake = () => this.#lookIn(gatherMs)
    this.#undo.push(
      ...(['runs', 'durable', 'space', 'devices', 'records'] as const).map(event => replica.on(event, wake)),
      replica.on('knows', known => this.#met(known))
    )
    wake()
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new ProtocolError('Unavailable', 'The twin is stopping'))
    for (const undo of this.#undo.splice(0)) undo()
    this.#next?.callOff()
    await Promise.all(this.#running.values())
  }

  /** Somebody came or went, or told of other mailboxes. */
  poke(twin?: Uint8Array): void {
    if (twin !== undefined) this.#pauses.delete(bytesToHex(twin))
    this.#lookIn(gatherMs)
  }

  /** How far a log is in a mailbox of this twin, by receipts. */
  heldFor(space: Uint8Array, log: LogId, twin: Uint8Array): number {
    return this.#sent.most({ twin, space, log }, this.#now())
  }

  #lookIn(ms: number): void {
    if (this.#stopped.signal.aborted) return
    const at = this.#clock.now() + ms
    if (this.#next !== undefined && this.#next.at <= at) return
    this.#next?.callOff()
    const callOff = this.#clock.after(
      ms,
      () => {
        this.#next = undefined
        this.#look()
      },
      { background: true }
    )
    this.#next = { at, callOff }
  }

  #look(): void {
    const { told, isReachable, isHere, isContact } = this.#components
    const twins = new Map<string, ToldBox[]>()
    for (const box of told.all()) {
      const key = bytesToHex(box.twin)
      twins.set(key, [...(twins.get(key) ?? []), box])
    }
    for (const [key, boxes] of twins) {
      const { twin } = boxes[0]!
      const isAway = !isReachable(twin)
      this.#attend(key, isContact(twin) && isAway, () => this.#filler.fill(boxes, this.#stopped.signal))
      for (const box of boxes) {
        const isMissing = isContact(twin) && !isAway && !isHere(box.box)
        const tell = () => this.#filler.tell(box, this.#stopped.signal)
        this.#attend(`${key}/${bytesToHex(box.box)}`, isMissing, tell)
      }
    }
  }

  #attend(key: string, isAway: boolean, fill: () => Promise<boolean>): void {
    if (!isAway) {
      this.#away.delete(key)
      return
    }
    const now = this.#clock.now()
    const since = this.#away.get(key) ?? now
    this.#away.set(key, since)
    const due = Math.max(since + this.#awayMs, this.#pauses.get(key)?.until ?? 0)
    if (due > now) this.#lookIn(due - now)
    else if (this.#running.has(key)) this.#isSkipped = true
    else this.#serve(key, fill)
  }

  #serve(key: string, fill: () => Promise<boolean>): void {
    const task = fill()
      .then(isDone => {
        if (isDone) this.#pauses.delete(key)
        else this.#pause(key)
      })
      .catch(error => {
        this.#log.warn('Nothing could be left for a contact: %o', error)
        this.#pause(key)
      })
      .finally(() => {
        this.#running.delete(key)
        // What was written meanwhile may have come too late for it
        if (this.#isSkipped) this.#lookIn(gatherMs)
        this.#isSkipped = false
      })
    this.#running.set(key, task)
  }

  #pause(key: string): void {
    const ms = Math.min(maxPauseMs, (this.#pauses.get(key)?.ms ?? firstPauseMs / 2) * 2)
    this.#pauses.set(key, { ms, until: this.#clock.now() + ms })
    this.#lookIn(ms)
  }

  /** A device that knows the news was met: nothing is left for it. */
  #met({ from, ...known }: ReplicaEvents['knows']): void {
    const { told, directory } = this.#components
    const box = told.of(from.twin).find(({ box }) => directory.get(from.twin)?.byTransport(box)?.number === from.device)
    const news = box && newsIn(known, this.#components)
    if (box === undefined || news === undefined) return
    const place = { twin: box.twin, box: box.box }
    if (this.#news.isTold(place, news, this.#now())) return
    void this.#news.put(place, [news]).catch(error => this.#log.debug('What a contact knows was not noted: %o', error))
  }
}
