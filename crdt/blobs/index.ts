/**
 * Bytes that are many: sealed chunks beside the documents, under an address that verifies each of them, kept as long as
 * something refers to them.
 *
 * @packageDocumentation
 */
export { type BlobDraft, BlobError, type BlobErrorCode, type BlobStore, type StoredBlob } from './blob-store.ts'
export { Blobs, type BlobsInit, chunkAt, type PutBlob } from './blobs.ts'
export {
  type BlobReference,
  bytesToReference,
  chunkSize,
  decodeManifest,
  isChunkOf,
  listToReference,
  type Manifest,
  manifestToAddress,
  maxBlobSize,
  maxManifestBytes,
  openChunk,
  referenceToBytes,
  referenceToList,
  sealedChunkSize
} from './format.ts'
export { noReferenceRow, referenceRow, rowToReference } from './references.ts'
