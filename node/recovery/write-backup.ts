import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blobs } from '../../crdt/blobs/index.ts'
import { decode } from '../../crdt/crypto/index.ts'
import type { DeviceDirectory } from '../../crdt/identity/index.ts'
import type { Database, Me } from '../../crdt/index.ts'
import { nodeCrypto } from '../crypto.ts'
import { type Home, writePrivateFile } from '../home/index.ts'
import {
  BackupError,
  type BackupHeader,
  type BackupRow,
  type BackupSum,
  chunkBytes,
  encodeHeader,
  isSame,
  keyInfo,
  nameOf,
  numberOf,
  sealChunk,
  sealEnd,
  sha256
} from './backup-format.ts'
import { checkBackup } from './read-backup.ts'

export interface BackupInit {
  readonly home: Home
  readonly db: Database
  readonly me: Me
  readonly directory: DeviceDirectory
  /** What is attached: copied beside the files of the backup */
  readonly blobs: Blobs
}

export interface WrittenBackup extends BackupSum {
  readonly file: string
  readonly bytes: number
  /** Everything, not only what was added since the file before */
  readonly isWhole: boolean
}

/** Where a log stood when it was last backed up: its last row, and the hash of what was in it. */
type Heads = Readonly<Record<string, readonly [last: string, hash: string]>>
interface Before {
  readonly n: number
  readonly base: number
  readonly hash: string
  readonly heads: Heads
}

/** Rows that follow from others, or are about the log of this one device: none is of use elsewhere. */
const leftOut = /^[aijsu]\//

/**
 * Adds one file to the backup in a folder: what the logs have more than the file before, and all that is not log. It is taken from one
 * snapshot of the store while the twin goes on, sealed to the phrase's recovery key, and there as a whole or not at all.
 */
export async function* writeBackup(
  { home, db, me, directory }: BackupInit,
  folder: string,
  signal: AbortSignal
): AsyncGenerator<{ rows: number }, WrittenBackup> {
  const list = directory.get(me.twin)
  if (me.recovery === undefined || list === undefined) throw new BackupError('The recovery key is not known here')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const before = await findBefore(home, folder, db, me.twin)
  const n = before.n + 1
  const isWhole = before.heads === undefined
  const base = isWhole ? n : before.base
  const crypto = nodeCrypto()
  const key = crypto.randomBytes(32)
  const { enc, ciphertext } = await crypto.hpkeSeal(me.recovery, keyInfo({ twin: me.twin, n, base }), key)
  const prev = isWhole ? null : Buffer.from(before.hash, 'hex')
  const header: BackupHeader = {
    twin: me.twin,
    n,
    base,
    prev: prev && new Uint8Array(prev),
    at: Date.now(),
    device: me.device,
    list: list.all(),
    enc,
    key: ciphertext
  }
  const path = join(folder, nameOf(n))
  const draft = `${path}.${process.pid}.new`
  const file = await open(draft, 'wx', 0o600)
  try {
    const out = new FrameWriter(file)
    const head = encodeHeader(header)
    await out.write(head)
    const rows = new RowReader(db, before.heads ?? {})
    let part: BackupRow[] = []
    let size = 0
    let at = 1
    for await (const row of rows.read()) {
      signal.throwIfAborted()
      part.push(row)
      size += row[0].length + row[1].length
      if (size < chunkBytes) continue
      await out.write(await sealChunk(key, sha256(head), at++, part))
      part = []
      size = 0
      yield { rows: rows.count }
    }
    const sum = { rows: rows.count, spaces: rows.spaces, entries: rows.entries }
    await out.write(await sealChunk(key, sha256(head), at, part, sum))
    await out.write(await sealEnd(header, out.digest(), me.signer))
    await file.sync()
    await file.close()
    await rename(draft, path)
    const place = await open(folder, 'r')
    await place.sync().finally(() => place.close())
    await remember(home, folder, { n, base, hash: hexOf(out.digest()), heads: rows.heads() })
    return { ...sum, file: path, bytes: out.bytes, isWhole }
  } catch (cause) {
    await file.close().catch(() => {})
    await rm(draft, { force: true })
    throw cause
  }
}

/** Rows of the store in one snapshot, that of the iterator; of logs those behind where they stood before. */
class RowReader {
  count = 0
  spaces = 0
  entries = 0
  readonly #db: Database
  readonly #before: Heads
  /** Last row of each log */
  readonly #last = new Map<string, BackupRow>()

  constructor(db: Database, before: Heads) {
    this.#db = db
    this.#before = before
  }

  heads(): Heads {
    return Object.fromEntries(Array.from(this.#last, ([log, [key, value]]) => [log, [key, hexOf(sha256(value))]]))
  }

  async *read(): AsyncGenerator<BackupRow> {
    const rows = this.#db.iterator()
    try {
      for (let row = await rows.next(); row !== undefined; row = await rows.next()) {
        const [key, value] = row
        if (leftOut.test(key)) {
          rows.seek(`${key[0]}0`)
          continue
        }
        if (key.startsWith('r/')) {
          const log = key.slice(0, key.lastIndexOf('/'))
          const [known] = this.#before[log] ?? []
          if (known !== undefined && key < known) {
            rows.seek(known)
            continue
          }
          this.#last.set(log, row)
          if (key === known) continue
        }
        if (key.startsWith('meta/space/')) this.spaces++
        if (key.startsWith('h/')) this.entries += sequenceOf(value)
        this.count++
        yield row
      }
    } finally {
      await rows.close()
    }
  }
}

function sequenceOf(head: Uint8Array): number {
  const value = decode(head)
  return Array.isArray(value) && typeof value[0] === 'number' ? value[0] : 0
}

/** What is in the folder already, as far as one can go on from it. */
async function findBefore(
  home: Home,
  folder: string,
  db: Database,
  twin: Uint8Array
): Promise<{ n: number; base: number; hash: string; heads?: Heads }> {
  const newest = (await readdir(folder)).flatMap(name => numberOf(name) ?? []).sort((a, b) => b - a)[0]
  if (newest === undefined) return { n: 0, base: 0, hash: '' }
  const files = await checkBackup(folder)
  const last = files.at(-1)!
  if (!isSame(last.header.twin, twin)) {
    throw new BackupError('The folder holds the backup of another twin', 'Name a folder of its own')
  }
  const whole = { n: newest, base: 0, hash: '' }
  const known = (await readState(home))[folder]
  if (known === undefined || known.hash !== hexOf(last.hash)) return whole
  for (const [key, hash] of Object.values(known.heads)) {
    const row = await db.get(key)
    // The log was changed behind what was backed up
    if (row === undefined || hexOf(sha256(row)) !== hash) return whole
  }
  return known
}

async function readState(home: Home): Promise<Record<string, Before>> {
  try {
    return JSON.parse(await readFile(stateFile(home), 'utf8')).folders as Record<string, Before>
  } catch {
    // Without it the next backup is a whole one
    return {}
  }
}

async function remember(home: Home, folder: string, state: Before): Promise<void> {
  const folders = { ...(await readState(home)), [folder]: state }
  await writePrivateFile(stateFile(home), `${JSON.stringify({ v: 1, folders })}\n`)
}

function stateFile(home: Home): string {
  return join(home.folder, 'backups.json')
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

class FrameWriter {
  bytes = 0
  readonly #file: FileHandle
  readonly #hash = createHash('sha256')

  constructor(file: FileHandle) {
    this.#file = file
  }

  async write(frame: Uint8Array): Promise<void> {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, frame.length)
    this.#hash.update(length).update(frame)
    this.bytes += 4 + frame.length
    await this.#file.writev([length, frame])
  }

  /** Of everything so far. */
  digest(): Uint8Array {
    return new Uint8Array(this.#hash.copy().digest())
  }
}
