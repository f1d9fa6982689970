import type { Readable, Writable } from 'node:stream'
import { isInForeground } from './foreground.ts'

/** The world as a command sees it; specs hand in their own. */
export interface Io {
  readonly stdin: Readable & { isTTY?: boolean }
  readonly stdout: Writable & { isTTY?: boolean; columns?: number }
  readonly stderr: Writable & { isTTY?: boolean; columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Whether keys of the terminal are for this process, now */
  isInForeground(): boolean
}

export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process
  return { stdin, stdout, stderr, env, cwd: process.cwd(), isInForeground }
}

/** Whether colour helps: a terminal that wants it (no-color.org, and the usual way to force it). */
export function hasColour(stream: { isTTY?: boolean }, env: Io['env']): boolean {
  if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return false
  return stream.isTTY === true || (env.FORCE_COLOR ?? '') !== ''
}
