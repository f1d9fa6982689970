import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Context } from './command.ts'
import { UsageError } from './failure.ts'
import { readText } from './stdin.ts'
import { sanitize } from './style.ts'
import { count } from './words.ts'

/** Values that a terminal can show: text as it is, other JSON as JSON. */
type Value = Parameters<typeof JSON.stringify>[0] | Uint8Array

/** VALUE, --file or standard input, as the kind that --as names. */
export async function readValue({ values, io }: Context): Promise<Value> {
  const file = values.option('file')
  const word = values.positionals.get('VALUE')
  if ((file === undefined) === (word === undefined)) throw new UsageError('Give VALUE or --file FILE')
  if (file !== undefined) return new Uint8Array(await readFile(resolve(io.cwd, file)))
  const text = word === '-' ? await readText(io.stdin) : word!
  const kind = values.option('as') ?? 'text'
  if (kind === 'text') return text
  if (kind === 'bytes') return new TextEncoder().encode(text)
  if (kind !== 'json') throw new UsageError('--as is text, json or bytes')
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError('VALUE is not JSON; quote it for the shell, such as \'{"on":true}\'')
  }
}

/** One line for a terminal; bytes are counted, not shown. */
export function show(value: Value): string {
  if (value instanceof Uint8Array) return `(${count(value.length, 'byte')})`
  return sanitize(typeof value === 'string' ? value : JSON.stringify(value))
}

export function cut(text: string, max: number): string {
  const characters = [...text.replace(/\s+/g, ' ')]
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : characters.join('')
}
