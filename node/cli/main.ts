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
  process.exitCode = await run(process.argv.slice(2), io, stop.signal)
  // Standard input that was opened for a prompt would keep the process
  process.stdin.unref?.()
}
