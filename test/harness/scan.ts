import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'

const chunk = 4 * 1024 * 1024
/** Bytes that are looked at for whether there is anything in them: much of a heap has never been written. */
const block = 16 * 1024
const zeros = Buffer.alloc(2 * block)

/** The bytes of one text in one encoding. */
export interface Needle {
  readonly encoding: string
  readonly bytes: Buffer
}

/** What was searched, and how often each encoding was found in it. */
export interface Found {
  readonly bytes: number
  readonly hits: ReadonlyMap<string, number>
}

/**
 * A text of ASCII as programs keep and send it: strings of one and of two bytes a unit, hexadecimal, and base64 with each of the
 * three offsets at which a text may begin in what is encoded, without the characters that its neighbours have a part in.
 */
export function needlesOf(text: string): Needle[] {
  const utf8 = Buffer.from(text)
  const little = Buffer.from(text, 'utf16le')
  const needles = [
    { encoding: 'utf8', bytes: utf8 },
    { encoding: 'utf16le', bytes: little },
    { encoding: 'utf16be', bytes: Buffer.from(little).swap16() },
    { encoding: 'hex', bytes: Buffer.from(utf8.toString('hex')) },
    { encoding: 'HEX', bytes: Buffer.from(utf8.toString('hex').toUpperCase()) }
  ]
  for (const offset of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(offset), utf8])
      .toString('base64')
      .replace(/=+$/, '')
    const first = Math.ceil((offset * 8) / 6)
    const whole = Math.floor(((offset + utf8.length) * 8) / 6)
    const shared = shifted.slice(first, whole)
    needles.push({ encoding: `base64+${offset}`, bytes: Buffer.from(shared) })
    const url = shared.replaceAll('+', '-').replaceAll('/', '_')
    if (url !== shared) needles.push({ encoding: `base64url+${offset}`, bytes: Buffer.from(url) })
  }
  return needles
}

/** Searches the memory of a process: its writable parts, as the kernel shows them to its owner. */
export function searchMemory(pid: number, needles: readonly Needle[]): Found {
  const tally = new Tally(needles)
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const part = Buffer.alloc(chunk + overlap)
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line)
      if (range === null) continue
      const [from, to] = [Number.parseInt(range[1]!, 16), Number.parseInt(range[2]!, 16)]
      for (let at = from; at < to; at += chunk) {
        let read = 0
        try {
          read = readSync(memory, part, 0, Math.min(part.length, to - at), at)
        } catch {
          // The process gave it back meanwhile
          continue
        }
        for (let begin = 0; begin < Math.min(read, chunk); begin += block) {
          const own = Math.min(block, read - begin)
          tally.search(part.subarray(begin, Math.min(read, begin + block + overlap)), own)
        }
      }
    }
  } finally {
    closeSync(memory)
  }
  return tally
}

/** Searches the files of a folder, and their names. */
export function searchFolder(folder: string, needles: readonly Needle[]): Found {
  const tally = new Tally(needles)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    tally.search(Buffer.from(entry.name))
    if (entry.isFile()) tally.search(readFileSync(join(entry.parentPath, entry.name)))
  }
  return tally
}

export function searchBytes(content: Buffer, needles: readonly Needle[]): Found {
  const tally = new Tally(needles)
  tally.search(content)
  return tally
}

export function hitsOf({ hits }: Found): number {
  return [...hits.values()].reduce((sum, each) => sum + each, 0)
}

class Tally implements Found {
  readonly hits: Map<string, number>
  readonly #needles: readonly Needle[]
  bytes = 0

  constructor(needles: readonly Needle[]) {
    this.#needles = needles
    this.hits = new Map(needles.map(({ encoding }) => [encoding, 0]))
  }

  /** @param own bytes at the beginning in which a hit counts; what is behind them is searched again with the next part */
  search(content: Buffer, own = content.length): void {
    this.bytes += own
    if (isZero(content)) return
    for (const { encoding, bytes } of this.#needles) {
      let hits = 0
      for (let at = content.indexOf(bytes); at >= 0 && at < own; at = content.indexOf(bytes, at + 1)) hits++
      if (hits > 0) this.hits.set(encoding, this.hits.get(encoding)! + hits)
    }
  }
}

function isZero(content: Buffer): boolean {
  return content.length <= zeros.length && content.compare(zeros, 0, content.length) === 0
}
