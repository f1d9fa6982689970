import { type BlobDraft, BlobError, type BlobStore, type StoredBlob } from './index.ts'

interface Whole {
  readonly manifest: Uint8Array
  readonly chunks: readonly Uint8Array[]
}

/** Blobs in memory, for specs of what is built on a store; `capacity` is what fits, in bytes. */
export class MemoryBlobStore implements BlobStore {
  capacity = Number.POSITIVE_INFINITY
  readonly #whole = new Map<string, Whole>()
  readonly #aside = new Map<string, Whole>()
  readonly #drafts = new Map<string, Uint8Array[]>()

  async list(): Promise<string[]> {
    return [...this.#whole.keys()]
  }

  async has(address: string): Promise<boolean> {
    return this.#whole.has(address)
  }

  async open(address: string): Promise<StoredBlob | undefined> {
    const whole = this.#whole.get(address)
    if (whole === undefined) return undefined
    return { manifest: whole.manifest, read: async index => whole.chunks[index]!.slice(), close: async () => {} }
  }

  async draft(name: string): Promise<BlobDraft> {
    const chunks = this.#drafts.get(name) ?? []
    this.#drafts.set(name, chunks)
    return {
      length: chunks.length,
      read: async index => chunks[index]!.slice(),
      write: async (index, sealed) => {
        this.capacity -= sealed.length
        if (this.capacity < 0) throw new BlobError('no-space', 'The disk is full')
        chunks[index] = sealed.slice()
      },
      finish: async (address, manifest) => {
        this.#whole.set(address, { manifest, chunks })
        this.#drafts.delete(name)
      },
      discard: async () => void this.#drafts.delete(name),
      close: async () => {}
    }
  }

  async drafts(): Promise<string[]> {
    return [...this.#drafts.keys()]
  }

  async setAside(address: string): Promise<void> {
    move(address, this.#whole, this.#aside)
  }

  async bringBack(address: string): Promise<void> {
    move(address, this.#aside, this.#whole)
  }

  async destroy(address: string): Promise<void> {
    this.#aside.delete(address)
  }

  /** Spoils a chunk, as a bad disk or a liar would. */
  spoil(address: string, index: number, change: (chunk: Uint8Array) => Uint8Array): void {
    const whole = this.#whole.get(address)!
    const chunks = whole.chunks.map((chunk, at) => (at === index ? change(chunk.slice()) : chunk))
    this.#whole.set(address, { ...whole, chunks })
  }
}

function move(address: string, from: Map<string, Whole>, to: Map<string, Whole>): void {
  const whole = from.get(address)
  if (whole === undefined) return
  to.set(address, whole)
  from.delete(address)
}
