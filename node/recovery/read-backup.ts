import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceList } from '../../crdt/identity/index.ts'
import type { Unsealer } from '../../crdt/index.ts'
import { nodeCrypto } from '../crypto.ts'
import {
  BackupError,
  type BackupHeader,
  type BackupRow,
  type BackupSum,
  decodeHeader,
  isSame,
  keyInfo,
  maxFrame,
  nameOf,
  numberOf,
  openChunk,
  openEnd
} from './backup-format.ts'

/** One file of a backup, whose every byte was checked. */
export interface BackupFile {
  readonly path: string
  readonly header: BackupHeader
  readonly headHash: Uint8Array
  readonly hash: Uint8Array
  readonly bytes: number
  readonly list: DeviceList
}

/**
 * The files of the newest whole backup in a folder and of what was added to it, in order. Checks every byte: hashes, the chain from
 * file to file, and the signature of the device that wrote each. What is inside stays closed: that takes the phrase.
 *
 * @throws {BackupError}
 */
export async function checkBackup(folder: string, onBytes: (bytes: number) => void = () => {}): Promise<BackupFile[]> {
  const names = await readdir(folder).catch(cause => {
    throw new BackupError(`There is no backup in ${folder}`, 'Name the folder that twin backup wrote', { cause })
  })
  const numbers = names.flatMap(name => numberOf(name) ?? []).sort((a, b) => a - b)
  const newest = numbers.at(-1)
  if (newest === undefined)
    throw new BackupError(`There is no backup in ${folder}`, 'Name the folder that twin backup wrote')
  const last = await checkFile(join(folder, nameOf(newest)), newest, onBytes)
  const files = [last]
  for (let n = newest - 1; n >= last.header.base; n--) {
    if (!numbers.includes(n)) throw new BackupError(`The backup is incomplete: ${nameOf(n)} is missing`)
    const file = await checkFile(join(folder, nameOf(n)), n, onBytes)
    const { prev, twin, base } = files[0]!.header
    if (prev === null || !isSame(prev, file.hash) || !isSame(twin, file.header.twin) || base !== file.header.base) {
      throw new BackupError(`The backup is mixed up: ${nameOf(n + 1)} does not follow from ${nameOf(n)}`)
    }
    files.unshift(file)
  }
  if (files[0]!.header.prev !== null) throw new BackupError('The backup has no beginning')
  return files
}

/** The rows of a file. @throws {BackupError} when it was not sealed to this phrase */
export async function* readRows(
  { path, header, headHash }: BackupFile,
  recovery: Unsealer
): AsyncGenerator<{ rows: readonly BackupRow[]; sum: BackupSum | null }> {
  const key = await recovery.open({ enc: header.enc, ciphertext: header.key }, keyInfo(header)).catch(cause => {
    throw new BackupError('The phrase does not open the backup', 'Use the phrase of the twin it is a backup of', {
      cause
    })
  })
  const file = await open(path, 'r')
  try {
    let at = 0
    for await (const { bytes, isLast } of frames(file)) {
      if (isLast) return
      if (at > 0) yield await openChunk(key, headHash, at, bytes)
      at++
    }
  } finally {
    await file.close()
  }
}

async function checkFile(path: string, n: number, onBytes: (bytes: number) => void): Promise<BackupFile> {
  const file = await open(path, 'r')
  try {
    const whole = createHash('sha256')
    const body = createHash('sha256')
    let header: BackupHeader | undefined
    let headHash = new Uint8Array()
    let size = 0
    for await (const { bytes, length, isLast } of frames(file)) {
      size += length.length + bytes.length
      onBytes(length.length + bytes.length)
      whole.update(length).update(bytes)
      if (header === undefined) {
        header = readHeader(bytes)
        headHash = new Uint8Array(createHash('sha256').update(bytes).digest())
        if (header.n !== n) throw new BackupError(`${nameOf(n)} has another name than it was written under`)
      }
      if (!isLast) {
        body.update(length).update(bytes)
        continue
      }
      const signer = await openEnd(bytes, header, new Uint8Array(body.digest())).catch(cause => {
        if (cause instanceof BackupError) throw cause
        throw new BackupError(
          `The backup is cut off or was changed: the end of ${nameOf(n)} is not signed`,
          undefined,
          { cause }
        )
      })
      const list = await DeviceList.read({ twin: header.twin, crypto: nodeCrypto() }, header.list).catch(cause => {
        throw new BackupError('The backup is damaged: its device list does not verify', undefined, { cause })
      })
      if (list.bySigning(signer)?.number !== header.device)
        throw new BackupError('The backup was not written by a device of the twin')
      return { path, header, headHash, hash: new Uint8Array(whole.digest()), bytes: size, list }
    }
    throw new BackupError(`${nameOf(n)} is empty`)
  } finally {
    await file.close()
  }
}

function readHeader(bytes: Uint8Array): BackupHeader {
  try {
    return decodeHeader(bytes)
  } catch (cause) {
    if (cause instanceof BackupError) throw cause
    throw new BackupError('The backup is damaged: its head cannot be read', undefined, { cause })
  }
}

interface Frame {
  readonly length: Uint8Array
  readonly bytes: Uint8Array
  readonly isLast: boolean
}

async function* frames(file: FileHandle): AsyncGenerator<Frame> {
  const { size } = await file.stat()
  for (let at = 0; at < size; ) {
    const length = await exactly(file, at, 4)
    const count = new DataView(length.buffer, length.byteOffset).getUint32(0)
    if (count > maxFrame || at + 4 + count > size) throw new BackupError('The backup is cut off or was changed')
    const bytes = await exactly(file, at + 4, count)
    at += 4 + count
    yield { length, bytes, isLast: at === size }
  }
}

async function exactly(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, position)
  if (bytesRead !== length) throw new BackupError('The backup is cut off')
  return bytes
}
