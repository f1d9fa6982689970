import { readFile } from 'node:fs/promises'
import type { Home } from './home.ts'
import { writePrivateFile } from './write-file.ts'

/** When devices of the twin were connected last, in ms since 1970 by peer id. */
export type Seen = ReadonlyMap<string, number>

/** Devices that are remembered; a list has fewer. */
const maxSeen = 1024

export async function writeSeen(home: Home, seen: Seen): Promise<void> {
  const newest = [...seen].sort(([, one], [, other]) => other - one).slice(0, maxSeen)
  await writePrivateFile(home.seen, `${JSON.stringify({ v: 1, seen: Object.fromEntries(newest) })}\n`)
}

/** A file that is missing or is not ours says nothing: what is lost with it is seen again. */
export async function readSeen(home: Home): Promise<Seen> {
  try {
    const { v, seen } = JSON.parse(await readFile(home.seen, 'utf8')) as { v?: unknown; seen?: unknown }
    if (v !== 1 || typeof seen !== 'object' || seen === null) return new Map()
    return new Map(
      Object.entries(seen)
        .slice(0, maxSeen)
        .filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1]) && entry[1] >= 0)
    )
  } catch {
    return new Map()
  }
}
