import {
  type BlobDraft,
  BlobError,
  type BlobReference,
  type Blobs,
  chunkSize,
  decodeManifest,
  isChunkOf,
  type Manifest,
  manifestToAddress
} from '../../crdt/blobs/index.ts'
import { anySignal, type Channel, type Client, createClient, type Logger, ProtocolError } from '../core/index.ts'
import { FreshChunks } from './fresh-chunks.ts'
import { blobsProtocol } from './protocol.ts'

/** Opens a channel to somebody who may have a blob. */
export type Provider = (options: { readonly signal: AbortSignal }) => Promise<Channel>

type BlobsClient = Client<typeof blobsProtocol>
type SealedChunk = { readonly index: number; readonly sealed: Uint8Array }

export interface FetchInit {
  readonly blobs: Blobs
  readonly reference: BlobReference
  /** Who may have it, asked anew in each round */
  readonly providers: () => Promise<readonly Provider[]>
  readonly log: Logger
}

/** Time in which a provider has to be reached. */
const reachMs = 15_000
/** Chunks that wait to be written, 4 MiB: a disk that is busy with what came before does not hold up the transfer. */
const writesAhead = 16

/**
 * One blob on its way here, however many wait for it. Every chunk is verified before it is written, each provider goes on where
 * the one before broke off, and what an earlier run had fetched is verified and kept.
 */
export class Fetch {
  /** Settles when the blob is here, or nobody gives it now; the draft stays for another time */
  readonly over: Promise<void>
  readonly reference: BlobReference
  readonly #init: FetchInit
  readonly #stop = new AbortController()
  readonly #waiting = new Set<() => void>()
  #draft: BlobDraft | undefined
  #manifest: Manifest | undefined
  #have = 0
  readonly #fresh = new FreshChunks()
  readonly #reads = new Set<Promise<Uint8Array>>()
  #isClosing = false
  #isOver = false
  #readers = 0
  /** Goes on without a reader */
  isWanted = false

  constructor(init: FetchInit) {
    this.#init = init
    this.reference = init.reference
    this.over = this.#run().finally(() => {
      this.#isOver = true
      this.#wake()
    })
    // Met by whoever waits for it
    this.over.catch(() => {})
  }

  /** Bytes that are here and verified. */
  get fetched(): number {
    return Math.min(this.#have * chunkSize, this.reference.size)
  }

  stop(): Promise<void> {
    this.#stop.abort(new ProtocolError('Cancelled', 'The fetch was stopped'))
    return this.over.catch(() => {})
  }

  /**
   * Sealed chunks from one on, as they arrive; ends when the fetch is over, with its failure if it failed. When the last reader
   * leaves, a fetch that nobody else wants stops.
   */
  async *chunks(from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.#readers++
    const reader = this.#fresh.follow(from)
    const wake = () => this.#wake()
    signal.addEventListener('abort', wake, { once: true })
    try {
      while (!signal.aborted) {
        const { at } = reader
        const sealed = reader.take()
        if (sealed !== undefined) {
          yield sealed
          reader.next()
        } else if (at < this.#have && !this.#isClosing) {
          yield await this.#read(at)
          reader.next()
        } else if (this.#isOver) return await this.over
        else await new Promise<void>(resolve => this.#waiting.add(resolve))
      }
    } finally {
      reader.leave()
      signal.removeEventListener('abort', wake)
      if (--this.#readers === 0 && !this.isWanted) void this.stop()
    }
  }

  async #run(): Promise<void> {
    const { blobs } = this.#init
    const { reference } = this
    const draft = await blobs.draft(reference.address)
    this.#draft = draft
    try {
      const manifest = await this.#fetchAll(draft)
      await this.#settleReads()
      await draft.finish(reference.address, manifest)
    } catch (error) {
      await this.#settleReads()
      await draft.close()
      throw error
    }
  }

  /** The draft is closed under nobody who reads it; whoever reads on does so from the whole blob. */
  async #settleReads(): Promise<void> {
    this.#isClosing = true
    await Promise.allSettled(this.#reads)
  }

  async #read(index: number): Promise<Uint8Array> {
    // Set before the first chunk was there
    const read = this.#draft!.read(index)
    this.#reads.add(read)
    return await read.finally(() => this.#reads.delete(read))
  }

  /** The manifest, once every chunk is in the draft. */
  async #fetchAll(draft: BlobDraft): Promise<Uint8Array> {
    const { signal } = this.#stop
    let manifest: Uint8Array | undefined
    for (let hasMore = true; hasMore; ) {
      hasMore = false
      for (const provider of await this.#init.providers()) {
        const before = this.#have
        try {
          const channel = await provider({ signal: anySignal(signal, AbortSignal.timeout(reachMs)) })
          const client = createClient(blobsProtocol, channel)
          try {
            // Where nothing is here that the manifest could prove, the first chunks are under way before it came
            const early = manifest === undefined && draft.length === 0 ? this.#ask(client) : undefined
            manifest ??= await this.#begin(draft, client)
            await this.#fetchFrom(draft, early ?? this.#ask(client))
          } finally {
            await client.close()
            await channel.close()
          }
          if (this.#have === this.#manifest!.count) return manifest
        } catch (error) {
          if (signal.aborted) throw signal.reason
          if (error instanceof BlobError) throw error
          this.#init.log.debug('A blob was not fetched from one that may have it: %o', error)
        }
        hasMore ||= this.#have > before
      }
    }
    throw new ProtocolError('Unavailable', 'Nobody who may have the file gives it now, try again later')
  }

  /** Learns what the chunks have to be, and keeps those of an earlier run that are. */
  async #begin(draft: BlobDraft, client: BlobsClient): Promise<Uint8Array> {
    const { blobs } = this.#init
    const { reference } = this
    const { signal } = this.#stop
    const answer = await client.manifest({ address: reference.address }, { signal })
    if (manifestToAddress(answer.manifest, blobs.crypto) !== reference.address) throw new Error('Another manifest came')
    const manifest = decodeManifest(answer.manifest)
    // Whoever wrote the reference said another size than whoever made the blob
    if (manifest.size !== reference.size)
      throw new BlobError('damaged', 'The file is not as long as its reference says')
    this.#manifest = manifest
    const before = Math.min(draft.length, manifest.count)
    while (this.#have < before) {
      if (!isChunkOf(manifest, this.#have, await draft.read(this.#have), blobs.crypto)) break
      this.#have++
    }
    this.#wake()
    return answer.manifest
  }

  /** Asks for the chunks that are not here, at once and not only when the first is waited for. */
  #ask(client: BlobsClient): AsyncIterable<SealedChunk> {
    const request = { address: this.reference.address, from: this.#have }
    const chunks = client.get(request, { signal: this.#stop.signal })[Symbol.asyncIterator]()
    let first: ReturnType<typeof chunks.next> | undefined = chunks.next()
    // Met when it is waited for, if ever
    first.catch(() => {})
    const next = () => {
      const asked = first ?? chunks.next()
      first = undefined
      return asked
    }
    const end = async (): Promise<IteratorResult<SealedChunk>> => {
      await chunks.return?.()
      return { done: true, value: undefined }
    }
    return { [Symbol.asyncIterator]: () => ({ next, return: end }) }
  }

  async #fetchFrom(draft: BlobDraft, chunks: AsyncIterable<SealedChunk>): Promise<void> {
    const { blobs } = this.#init
    const manifest = this.#manifest!
    const writes: Promise<void>[] = []
    let writing = Promise.resolve()
    try {
      if (this.#have === manifest.count) return
      let next = this.#have
      for await (const { index, sealed } of chunks) {
        if (index !== next || !isChunkOf(manifest, index, sealed, blobs.crypto)) {
          throw new Error('A chunk came that is not the blob\u2019s')
        }
        if (writes.length === writesAhead) await writes.shift()
        this.#fresh.add(index, sealed)
        this.#wake()
        writing = Promise.all([writing, draft.write(index, sealed)]).then(() => this.#written(index))
        // Met by a later turn, or behind the last
        writing.catch(() => {})
        writes.push(writing)
        next++
        if (next === manifest.count) break
      }
    } finally {
      await writing
    }
  }

  #written(index: number): void {
    this.#have++
    this.#fresh.written(index)
    this.#wake()
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
  }
}
