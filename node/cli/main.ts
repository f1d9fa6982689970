import { processIo } from './io.ts'
import { run } from './run.ts'

/** Runs the process's command line and ends it with the exit code. */
export async function main(): Promise<void> {
  const io = processIo()
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      // A second signal ends the process as usual
      stop.abort(new DOMException(`Ended by ${name}`, 'AbortError'))
    })
  }
  // The reader of a pipe went away: end quietly, as other tools do
  io.stdout.on('error', error => {
    if ((error as { code?: string }).code === 'EPIPE') process.exit(0)
    throw error
  })
  const code = await run(process.argv.slice(2), io, stop.signal)
  // What was printed has to be out; then nothing that idles (a prompt's input, a native thread) keeps the process
  await Promise.all([io.stdout, io.stderr].map(stream => new Promise<void>(done => stream.write('', () => done()))))
  process.exit(code)
}
