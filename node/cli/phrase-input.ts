import { Failure } from './failure.ts'
import type { Io } from './io.ts'
import { askHidden } from './prompt.ts'
import { readText } from './stdin.ts'
import { sanitize } from './style.ts'

/** The 24 words from a kit, or as they are typed; they go nowhere else. */
export async function readPhrase(io: Io, kit: string | undefined): Promise<string> {
  const { phraseFrom, readKit } = await import('../home/index.ts')
  const { resolve } = await import('node:path')
  if (kit !== undefined && kit !== '-') return readKit(resolve(io.cwd, kit))
  if (io.stdin.isTTY !== true) return phraseFrom(await readText(io.stdin))
  return phraseFrom(await askHidden('The 24 words, with spaces between (they stay invisible): ', io))
}

/** A misspelt word is no secret, and seeing it is what helps; the library says only its place, because it may be logged. */
export function nameWrongWord(thrown: unknown, phrase: string): unknown {
  const { name, message, place } = thrown as { name?: string; message?: string; place?: number }
  if (name !== 'PhraseError') return thrown
  const word = place === undefined ? undefined : phrase.split(/\s+/)[place - 1]
  const text = word === undefined ? `${message}` : `Word ${place} (${sanitize(word)}) is not in the word list`
  const next = 'Look at the kit again: 24 English words in order'
  return new Failure(text, { next, code: 'WrongPhrase', cause: thrown })
}
