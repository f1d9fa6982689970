import { defineService } from '../core/index.ts'
import { type BlobExchange, BlobService, type BlobServiceInit } from './blob-service.ts'
import { blobsProtocol } from './protocol.ts'

export const blobs = defineService(
  blobsProtocol,
  (components: BlobExchange, init: BlobServiceInit) => new BlobService(components, init)
)
