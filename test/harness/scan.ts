import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'

const chunk = 4 * 1024 * 1024

/** How often the text stands in the memory of a process: writable parts, as the kernel shows them to its owner. */
export function countInMemory(pid: number, text: string): { hits: number; bytes: number } {
  const wanted = Buffer.from(text)
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  let [hits, bytes] = [0, 0]
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line)
      if (range === null) continue
      const [from, to] = [Number.parseInt(range[1]!, 16), Number.parseInt(range[2]!, 16)]
      for (let at = from; at < to; at += chunk) {
        const part = Buffer.alloc(Math.min(chunk + wanted.length - 1, to - at))
        let read = 0
        try {
          read = readSync(memory, part, 0, part.length, at)
        } catch {
          // The process gave it back meanwhile
          continue
        }
        bytes += Math.min(read, chunk)
        hits += countIn(part.subarray(0, read), wanted)
      }
    }
  } finally {
    closeSync(memory)
  }
  return { hits, bytes }
}

/** How often the text stands in the files of a folder. */
export function countInFolder(folder: string, text: string): { hits: number; bytes: number } {
  const wanted = Buffer.from(text)
  let [hits, bytes] = [0, 0]
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const content = readFileSync(join(entry.parentPath, entry.name))
    bytes += content.length
    hits += countIn(content, wanted)
  }
  return { hits, bytes }
}

export function countIn(content: Buffer, wanted: Buffer): number {
  let hits = 0
  for (let at = content.indexOf(wanted); at >= 0; at = content.indexOf(wanted, at + 1)) hits++
  return hits
}
