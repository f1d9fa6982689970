import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type BlobReference, blobsProtocol, maxPieceBytes } from '../../protocols/blobs/protocol.ts'
import type { Context } from './command.ts'
import { Failure } from './failure.ts'
import { sanitize } from './style.ts'

/** What programs that show files like to know; others are shown by their name. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.gif': 'image/gif',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.zip': 'application/zip'
}

/** Bytes of a file; a sentence for the owner when it is none. */
export async function fileSize({ io }: Context, file: string): Promise<number> {
  const found = await stat(resolve(io.cwd, file)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new Failure(`There is no file ${sanitize(file)}`, { next: 'Give the path of a file', cause })
  })
  if (!found.isFile()) throw new Failure(`${sanitize(file)} is not a file`, { next: 'Give the path of a file' })
  return found.size
}

/** Stores a file as a blob, piece by piece. */
export async function storeFile(context: Context, file: string): Promise<BlobReference> {
  const { io, out, signal } = context
  const path = resolve(io.cwd, file)
  const name = basename(path)
  const progress = out.progress(`Storing ${sanitize(name)}`, await fileSize(context, file))
  async function* pieces() {
    for await (const piece of createReadStream(path, { highWaterMark: maxPieceBytes })) {
      yield { data: new Uint8Array(piece.buffer, piece.byteOffset, piece.length) }
    }
  }
  const blobs = (await context.connect()).client(blobsProtocol)
  const type = mediaTypes[extname(name).toLowerCase()]
  try {
    let stored: BlobReference | undefined
    for await (const { done, reference } of blobs.put({ name, type }, pieces(), { signal })) {
      progress.update(done)
      stored = reference ?? stored
    }
    if (stored === undefined) throw new Failure(`The twin did not store ${sanitize(name)}`, { next: 'Try again' })
    return stored
  } finally {
    progress.end()
  }
}

/** Bytes of a blob, fetched first if they are not here; progress is told on the way. */
export async function* blobPieces(context: Context, reference: BlobReference): AsyncGenerator<Uint8Array> {
  const { out, signal } = context
  const label = reference.name === '' ? 'Reading' : `Reading ${sanitize(reference.name)}`
  const progress = out.progress(label, reference.size)
  let done = 0
  try {
    const pieces = (await context.connect()).client(blobsProtocol).read({ reference }, { signal })
    for await (const { data } of out.waitingEach(`${label}: waiting for whoever has it`, pieces)) {
      yield data
      done += data.length
      progress.update(done)
    }
  } finally {
    progress.end()
  }
}

/** Writes a blob to a new file. A file that is there is left alone; one that did not come whole is removed. */
export async function saveBlob(context: Context, reference: BlobReference, path: string): Promise<string> {
  const target = resolve(context.io.cwd, path)
  const source = Readable.from(blobPieces(context, reference), { objectMode: false, highWaterMark: maxPieceBytes })
  try {
    await pipeline(source, createWriteStream(target, { flags: 'wx', mode: 0o600 }))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new Failure(`${target} exists already`, { next: 'Name another file or folder: --to PATH', cause })
    }
    await rm(target, { force: true })
    throw cause
  }
  return target
}

/** Where a file of somebody else is saved in a folder: references have no name that leads elsewhere. */
export function pathIn(folder: string, { name, address }: BlobReference): string {
  return join(folder, name === '' ? `file-${address.slice(0, 8)}` : name)
}
