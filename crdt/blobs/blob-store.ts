/** Where sealed chunks are kept; names are addresses, or what a draft is called until its address is known. */
export interface BlobStore {
  /** Addresses of the blobs that are whole. */
  list(): Promise<string[]>
  has(address: string): Promise<boolean>
  /** `undefined` when it is not here as a whole. */
  open(address: string): Promise<StoredBlob | undefined>
  /** A new draft, or one that an earlier run left. @throws {BlobError} `no-space` */
  draft(name: string): Promise<BlobDraft>
  /** Names of drafts. */
  drafts(): Promise<string[]>
  /** Takes a whole blob out of sight; after a crash it is back. */
  setAside(address: string): Promise<void>
  bringBack(address: string): Promise<void>
  /** Destroys what was set aside. */
  destroy(address: string): Promise<void>
}

/** Stays readable until it is closed, also when the blob is destroyed meanwhile. */
export interface StoredBlob {
  readonly manifest: Uint8Array
  /** The sealed chunk, as it is stored; the bytes are the caller's. */
  read(index: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** A blob that is not whole. What it holds from an earlier run has to be verified: it was never synced. */
export interface BlobDraft {
  /** Chunks that may be there. */
  readonly length: number
  /** Resolves when the bytes are needed no more. @throws {BlobError} `no-space` */
  write(index: number, sealed: Uint8Array): Promise<void>
  read(index: number): Promise<Uint8Array>
  /** Makes it a whole blob; resolves when that is on synced storage. @throws {BlobError} `no-space` */
  finish(address: string, manifest: Uint8Array): Promise<void>
  discard(): Promise<void>
  /** Keeps it for later. */
  close(): Promise<void>
}

export type BlobErrorCode = 'no-space' | 'too-large' | 'missing' | 'damaged'

/** Why a blob is not stored or not read. */
export class BlobError extends Error {
  override readonly name = 'BlobError'
  readonly code: BlobErrorCode

  constructor(code: BlobErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
