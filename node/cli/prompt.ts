import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Io } from './io.ts'

/** Asks on the terminal; what is typed stays invisible. */
export async function askHidden(question: string, io: Io): Promise<string> {
  io.stderr.write(question)
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: io.stdin, output: mute, terminal: true })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    io.stderr.write('\n')
  }
}

/** Asks on the terminal, visibly. */
export async function ask(question: string, io: Io, signal?: AbortSignal): Promise<string> {
  const reader = createInterface({ input: io.stdin, output: io.stderr, terminal: true })
  try {
    return await reader.question(question, { signal })
  } finally {
    reader.close()
  }
}
