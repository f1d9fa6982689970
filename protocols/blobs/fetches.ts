import { type BlobReference, type Blobs, rowToReference } from '../../crdt/blobs/index.ts'
import { twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { type Channel, type Clock, type Logger, ProtocolError, systemClock } from '../core/index.ts'
import { Fetch, type Provider } from './fetch.ts'

export interface FetchesComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly blobs: Blobs
  readonly spaces: Pick<Spaces, 'list' | 'on'>
  /** A channel to a twin that was told who we are and has proved who it is */
  readonly reach: (twin: string, options: { signal: AbortSignal }) => Promise<Channel>
  /** Channels to other devices of this twin that are connected; default none */
  readonly ownChannels?: () => readonly (() => Channel)[]
  readonly log: Logger
}

export interface FetchesInit {
  readonly clock?: Clock
  /** Blobs up to this size are fetched when a reference to them arrives; default 1 MiB */
  readonly smallBytes?: number
  /** Bytes that are fetched unasked for one space until the twin is started again; default 64 MiB */
  readonly unaskedBytes?: number
}

/** Small blobs on their way at once. */
const maxUnasked = 4
const firstPauseMs = 2000
const maxPauseMs = 5 * 60_000

/** What is being fetched: on demand whatever its size, and unasked what is small, again and again until somebody gives it. */
export class Fetches {
  readonly #components: FetchesComponents
  readonly #clock: Clock
  readonly #smallBytes: number
  readonly #unaskedBytes: number
  readonly #running = new Map<string, Fetch>()
  /** Small blobs that are not here yet */
  readonly #wanted = new Map<string, BlobReference>()
  readonly #unasked = new Map<string, number>()
  readonly #stops: (() => void)[] = []
  readonly #followed = new Set<string>()
  #pauseMs = firstPauseMs
  #stopPause: (() => void) | undefined
  /** What is referred to could not be read to the end */
  #looksAgain = false
  #isStopped = false

  constructor(components: FetchesComponents, init: FetchesInit = {}) {
    this.#components = components
    this.#clock = init.clock ?? systemClock
    this.#smallBytes = init.smallBytes ?? 1024 * 1024
    this.#unaskedBytes = init.unaskedBytes ?? 64 * 1024 * 1024
  }

  start(): void {
    const { spaces } = this.#components
    for (const space of spaces.list()) this.#follow(space)
    this.#stops.push(spaces.on('open', ({ space }) => this.#follow(space)))
    this.#stops.push(spaces.on('change', ({ space }) => this.#follow(space)))
    void this.#want()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopPause?.()
    for (const stop of this.#stops.splice(0)) stop()
    await Promise.all([...this.#running.values()].map(fetch => fetch.stop()))
  }

  /** The fetch of a blob, which all who want it share. */
  get(reference: BlobReference): Fetch {
    const { blobs, log } = this.#components
    const known = this.#running.get(reference.address)
    if (known !== undefined && known.reference.size === reference.size) return known
    // One of the two sizes is wrong, and the first is refused as soon as it is
    if (known !== undefined) throw new ProtocolError('Unavailable', 'The file is being fetched by another reference')
    const providers = () => this.#providers(reference.address)
    const fetch = new Fetch({ blobs, reference, providers, log })
    this.#running.set(reference.address, fetch)
    const over = () => {
      this.#running.delete(reference.address)
      this.#next()
    }
    fetch.over.then(over, over)
    return fetch
  }

  /** Bytes of a blob that were fetched so far. */
  fetched(address: string): number | undefined {
    return this.#running.get(address)?.fetched
  }

  /** The other own devices, then other members of the spaces that refer to it: whoever wrote the reference has it, the others may. */
  async #providers(address: string): Promise<Provider[]> {
    const { blobs, me, reach, ownChannels = () => [] } = this.#components
    const mine = twinToText(me.twin)
    const twins = new Set<string>()
    for await (const { space } of blobs.referring(address)) {
      for (const { twin } of space.members()) twins.add(twinToText(twin))
    }
    twins.delete(mine)
    const own = ownChannels().map(
      (open): Provider =>
        async () =>
          open()
    )
    return [
      ...own,
      ...[...twins].map(
        (twin): Provider =>
          options =>
            reach(twin, options)
      )
    ]
  }

  #follow(space: Space): void {
    if (this.#followed.has(space.text)) return
    this.#followed.add(space.text)
    this.#stops.push(
      space.on('rows', ({ kind, rows }) => {
        if (!this.#components.blobs.kinds.includes(kind)) return
        for (const row of rows) {
          const reference = rowToReference(row)?.reference
          if (reference !== undefined) this.#consider(space, reference)
        }
        this.#next()
      })
    )
  }

  /** Looks for what is not here yet, again after a pause when it could not be read. */
  async #want(): Promise<void> {
    const { blobs, log } = this.#components
    this.#looksAgain = false
    try {
      for await (const { space, reference } of blobs.references()) {
        if (!(await blobs.store.has(reference.address))) this.#consider(space, reference)
      }
    } catch (error) {
      log.warn('References to blobs were not read: %o', error)
      this.#looksAgain = true
      this.#pause()
    }
    this.#next()
  }

  #consider(space: Space, reference: BlobReference): void {
    const { address, size } = reference
    if (size > this.#smallBytes || this.#wanted.has(address) || this.#running.has(address)) return
    const unasked = (this.#unasked.get(space.text) ?? 0) + size
    if (unasked > this.#unaskedBytes) return
    this.#unasked.set(space.text, unasked)
    this.#wanted.set(address, reference)
    // Somebody is there now who had something to say
    this.#pauseMs = firstPauseMs
  }

  #next(): void {
    if (this.#isStopped || this.#stopPause !== undefined) return
    for (const [address, reference] of this.#wanted) {
      if (this.#running.size >= maxUnasked) return
      this.#wanted.delete(address)
      void this.#fetch(reference)
    }
  }

  async #fetch(reference: BlobReference): Promise<void> {
    const { blobs, log } = this.#components
    try {
      if (await blobs.store.has(reference.address)) return
      // What nothing refers to any more need not come
      if (!(await blobs.isReferred(reference.address))) return
      const fetch = this.get(reference)
      fetch.isWanted = true
      await fetch.over
    } catch (error) {
      log.debug('A small blob was not fetched yet: %o', error)
      this.#wanted.set(reference.address, reference)
      this.#pause()
    }
  }

  #pause(): void {
    if (this.#stopPause !== undefined || this.#isStopped) return
    const resume = () => {
      this.#stopPause = undefined
      if (this.#looksAgain) void this.#want()
      this.#next()
    }
    this.#stopPause = this.#clock.after(this.#pauseMs, resume, { background: true })
    this.#pauseMs = Math.min(maxPauseMs, 2 * this.#pauseMs)
  }
}
