import { PassThrough } from 'node:stream'
import { run } from '../../node/cli/run.ts'
import type { Exit } from './program.ts'

/** Runs one command line of `twin` in this process: for asking a twin again and again, where a process each time is what takes longest. */
export async function runHere(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Exit> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end()
  const texts = [stdout, stderr].map(stream => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    return () => Buffer.concat(chunks).toString()
  })
  const code = await run(args, { stdin, stdout, stderr, env, cwd: process.cwd() }, new AbortController().signal)
  await new Promise(setImmediate)
  return { code, signal: null, stdout: texts[0]!(), stderr: texts[1]!() }
}
