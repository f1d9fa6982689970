import {
  BlobError,
  type BlobReference,
  chunkAt,
  decodeManifest,
  openChunk,
  referenceToList,
  type StoredBlob
} from '../../crdt/blobs/index.ts'
import { twinToText } from '../../crdt/identity/index.ts'
import {
  type CallContext,
  type Caller,
  type Clock,
  freeItem,
  type Implementation,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock,
  unsentBytes
} from '../core/index.ts'
import { Fetches, type FetchesComponents, type FetchesInit } from './fetches.ts'
import type { blobsProtocol } from './protocol.ts'
import { readAhead } from './read-ahead.ts'
import { refusing } from './refusing.ts'

export interface BlobExchange extends Omit<FetchesComponents, 'log'> {
  readonly log?: Logger
}

export interface BlobServiceInit extends FetchesInit {
  /** Pause between two collections of what nothing refers to; default ten minutes */
  readonly sweepMs?: number
}

type Called = Pick<CallContext, 'signal'>

/** Blobs for the owner, whole and in the clear; for members of the spaces that refer to them, chunk by sealed chunk. */
export class BlobService implements Implementation<typeof blobsProtocol> {
  readonly #components: BlobExchange
  readonly #fetches: Fetches
  readonly #clock: Clock
  readonly #sweepMs: number
  readonly #log: Logger
  #stopSweep = () => {}
  #sweeping: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(components: BlobExchange, init: BlobServiceInit = {}) {
    this.#components = components
    this.#log = components.log ?? silentLogger
    this.#fetches = new Fetches({ ...components, log: this.#log }, init)
    this.#clock = init.clock ?? systemClock
    this.#sweepMs = init.sweepMs ?? 10 * 60_000
  }

  start(): void {
    this.#fetches.start()
    this.#sweep()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopSweep()
    await this.#fetches.stop()
    await this.#sweeping
  }

  async has({ address }: { address: string }, { caller }: Pick<CallContext, 'caller'>): Promise<{ has: boolean }> {
    return { has: (await this.#mayFetch(address, caller)) && (await this.#components.blobs.store.has(address)) }
  }

  async manifest({ address }: { address: string }, { caller }: Pick<CallContext, 'caller'>) {
    const blob = await this.#opened(address, caller)
    await blob.close()
    return { manifest: blob.manifest }
  }

  async *get(
    { address, from = 0 }: { address: string; from?: number },
    { caller, signal }: Pick<CallContext, 'caller' | 'signal'>
  ): AsyncGenerator<{ index: number; sealed: Uint8Array }> {
    const blob = await this.#opened(address, caller)
    try {
      const { count } = decodeManifest(blob.manifest)
      let index = from
      for await (const sealed of readAhead(blob.read, from, count)) {
        if (signal.aborted) return
        // Read for this call alone
        unsentBytes.freeWhenSpent(sealed)
        yield { index: index++, sealed }
      }
    } finally {
      await blob.close()
    }
  }

  async *put(
    { name, type }: { name?: string; type?: string },
    incoming: AsyncIterable<{ data: Uint8Array }>
  ): AsyncGenerator<{ done: number; reference?: BlobReference }> {
    let done = 0
    let told = 0
    let wake = () => {}
    async function* pieces() {
      for await (const { data } of incoming) {
        yield data
        // Sealed by now
        freeItem(data)
      }
    }
    const onProgress = (stored: number) => {
      done = stored
      wake()
    }
    const putting = refusing(this.#components.blobs.put(pieces(), { name, type, onProgress }))
    const over = putting.then(
      () => true,
      () => true
    )
    for (let isOver = false; !isOver; ) {
      const moved = new Promise<boolean>(resolve => {
        wake = () => resolve(false)
        if (done > told) wake()
      })
      isOver = await Promise.race([over, moved])
      if (!isOver) {
        told = done
        yield { done }
      }
    }
    const reference = await putting
    yield { done: reference.size, reference }
  }

  async *read(
    { reference, from = 0 }: { reference: BlobReference; from?: number },
    { signal }: Called
  ): AsyncGenerator<{ data: Uint8Array }> {
    const { index, skip } = chunkAt(from)
    let at = index
    for await (const sealed of this.#sealed(reference, index, signal)) {
      const chunk = await openChunk(reference.key, at, sealed, this.#components.blobs.crypto)
      // What is on this disk is verified by its seal
      if (chunk === undefined) {
        throw new ProtocolError('FailedPrecondition', 'The key does not open this file, or it is damaged on this disk')
      }
      const data = at === index ? chunk.subarray(skip) : chunk
      at++
      unsentBytes.freeWhenSpent(data)
      if (data.length > 0) yield { data }
    }
  }

  async *list(): AsyncGenerator<{ reference: BlobReference; references: number; isHere: boolean; fetched?: number }> {
    const { blobs } = this.#components
    const found = new Map<string, { reference: BlobReference; references: number }>()
    for await (const { reference } of blobs.references()) {
      const known = found.get(reference.address) ?? { reference, references: 0 }
      found.set(reference.address, { ...known, references: known.references + 1 })
    }
    for (const [address, row] of found) {
      const fetched = this.#fetches.fetched(address)
      yield { ...row, isHere: await blobs.store.has(address), ...(fetched !== undefined && { fetched }) }
    }
  }

  /** Sealed chunks from one on: of the whole blob, or as they are fetched and then of the whole blob. */
  async *#sealed(reference: BlobReference, from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { blobs } = this.#components
    checkReference(reference)
    let at = from
    let blob = await blobs.open(reference.address)
    if (blob === undefined) {
      if (!(await blobs.isReferred(reference.address)))
        throw new ProtocolError('NotFound', 'Nothing refers to this file')
      for await (const sealed of refusingEach(this.#fetches.get(reference).chunks(from, signal))) {
        at++
        yield sealed
      }
      if (signal.aborted) return
      blob = await blobs.open(reference.address)
      if (blob === undefined) throw new ProtocolError('NotFound', 'Nothing refers to this file any more')
    }
    try {
      const { count } = decodeManifest(blob.manifest)
      for await (const sealed of readAhead(blob.read, at, count)) {
        if (signal.aborted) return
        yield sealed
      }
    } finally {
      await blob.close()
    }
  }

  /** Whoever may not fetch a blob is told what is said of one that is not here. */
  async #opened(address: string, caller: Caller): Promise<StoredBlob> {
    const blob = (await this.#mayFetch(address, caller)) ? await this.#components.blobs.open(address) : undefined
    if (blob === undefined) throw new ProtocolError('NotFound', 'There is no blob with this address')
    return blob
  }

  /** Members of a space fetch what it refers to, the owner's devices whatever is here. */
  async #mayFetch(address: string, caller: Caller): Promise<boolean> {
    if (caller.class === 'owner') return true
    if (caller.class !== 'contact' || caller.twin === undefined) return false
    for await (const { space } of this.#components.blobs.referring(address)) {
      // Whoever was a member once has a number still
      if (space.members().some(({ twin }) => twinToText(twin) === caller.twin)) return true
    }
    return false
  }

  #sweep(): void {
    if (this.#isStopped) return
    this.#sweeping = this.#components.blobs
      .sweep()
      .catch(error => this.#log.warn('Blobs that nothing refers to were not removed: %o', error))
      .then(() => {
        if (!this.#isStopped)
          this.#stopSweep = this.#clock.after(this.#sweepMs, () => this.#sweep(), { background: true })
      })
  }
}

function checkReference(reference: BlobReference): void {
  try {
    referenceToList(reference)
  } catch (cause) {
    throw new ProtocolError('InvalidArgument', 'This is no reference of a blob', { cause })
  }
}

async function* refusingEach<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    throw error instanceof BlobError ? await refusing(Promise.reject(error)) : error
  }
}
