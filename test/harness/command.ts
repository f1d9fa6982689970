import { PassThrough } from 'node:stream'
import { run } from '../../node/cli/run.ts'
import type { Exit } from './program.ts'

/** Milliseconds after which a command is stopped whatever it does. */
const lifeMs = 120_000

/** Runs one command line of `twin` in this process: a process for each is what takes longest where a twin is asked often. */
export async function runHere(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Exit> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end()
  const texts = [stdout, stderr].map(stream => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    return () => Buffer.concat(chunks).toString()
  })
  const io = { stdin, stdout, stderr, env, cwd: process.cwd(), isInForeground: () => false }
  const code = await run(args, io, AbortSignal.timeout(lifeMs))
  await new Promise(setImmediate)
  return { code, signal: null, stdout: texts[0]!(), stderr: texts[1]!() }
}
