import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { type KvValue, maxBatch } from '../../../protocols/kv/protocol.ts'
import type { Context } from '../command.ts'
import { UsageError } from '../failure.ts'
import { readLines } from '../stdin.ts'

/** Bytes of JSON in one call: half of what the contract lets a message have, as CBOR may be larger than JSON. */
const maxBatchBytes = 512 * 1024
/** Calls at once: enough to keep the disk busy while the next lines are read. */
const inFlight = 4

interface Put {
  readonly type: 'put'
  readonly key: string
  readonly value: KvValue
}

interface Batcher {
  batch(request: { ops: Put[]; space: string }, options: { signal: AbortSignal }): Promise<unknown>
}

/** Reads JSON lines and stores them in batches; returns how many. A line that does not fit ends it with its number. */
export async function importLines(context: Context, kv: Batcher): Promise<number> {
  const { values, io, out, signal } = context
  const file = values.text('FILE')
  const source = file === '-' ? io.stdin : createReadStream(resolve(io.cwd, file))
  const progress = out.progress(`Importing into ${values.text('SPACE')}`)
  const running = new Set<Promise<void>>()
  let stored = 0
  let failed: unknown
  let ops: Put[] = []
  let size = 0
  const flush = async () => {
    const batch = ops
    if (batch.length === 0) return
    ops = []
    size = 0
    const call: Promise<void> = kv.batch({ ops: batch, space: values.text('SPACE') }, { signal }).then(
      () => {
        stored += batch.length
        progress.update(stored)
        running.delete(call)
      },
      thrown => {
        failed ??= thrown
        running.delete(call)
      }
    )
    running.add(call)
    if (running.size >= inFlight) await Promise.race(running)
    if (failed !== undefined) throw failed
  }
  try {
    let number = 0
    for await (const line of readLines(source)) {
      number++
      if (line.trim() === '') continue
      ops.push(parseLine(line, number))
      size += line.length
      if (ops.length >= maxBatch || size >= maxBatchBytes) await flush()
    }
    await flush()
    await Promise.all(running)
    if (failed !== undefined) throw failed
  } finally {
    progress.end()
  }
  return stored
}

function parseLine(line: string, number: number): Put {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new UsageError(`Line ${number} is not JSON`)
  }
  const entry = value as { key?: unknown; value?: unknown } | null
  if (typeof entry !== 'object' || entry === null || typeof entry.key !== 'string' || entry.value === undefined) {
    throw new UsageError(`Line ${number} is not an object with "key" and "value"`)
  }
  return { type: 'put', key: entry.key, value: fromJson(entry.value) }
}

/** The JSON form of bytes is `{"$bytes": "<base64url>"}`. */
function fromJson(value: unknown): KvValue {
  const bytes = (value as { $bytes?: unknown } | null)?.$bytes
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'base64url'))
  // What JSON.parse returns is a JSON value; the contract checks its size
  return value as KvValue
}
