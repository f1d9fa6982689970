import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { ControlConnection } from '../../control/index.ts'
import { type Home, isRunning, lockHolder } from '../../home/index.ts'
import type { Command } from '../command.ts'
import { Failure } from '../failure.ts'

const pollMs = 25
/** What is left to do without the lock takes a fraction of this */
const exitMs = 3000

export const commands: readonly Command[] = [
  {
    words: ['stop'],
    summary: 'Stop the twin, and wait until it is gone',
    options: { timeout: { value: 'SECONDS', doc: 'How long to wait (default 30)' } },
    examples: ['twin stop'],
    run: async ({ values, home, out, connect, signal }) => {
      const timeoutMs = (values.number('timeout', { min: 1, max: 3600 }) ?? 30) * 1000
      const connection = await connect()
      const pid = await out.waiting('Stopping', end(connection, home, timeoutMs, signal))
      out.result({ stopped: true, pid }, style => style.dim(`The twin (process ${pid}) has stopped.`))
      return undefined
    }
  }
]

/** Tells the twin to end and waits until its process is gone; returns which one that was. */
async function end(connection: ControlConnection, home: Home, timeoutMs: number, signal: AbortSignal): Promise<number> {
  const holder = await lockHolder(home)
  const { pid } = await connection.client(nodeProtocol).shutdown({}, { signal })
  const until = Date.now() + timeoutMs
  const pause = () => new Promise(resolve => setTimeout(resolve, pollMs))
  // Another process cannot be waited for in any other way
  while ((await lockHolder(home))?.pid === pid) {
    if (Date.now() > until) {
      throw new Failure(`Process ${pid} still runs after ${timeoutMs / 1000} s`, { next: `End it: kill ${pid}` })
    }
    await pause()
  }
  // All is stored and closed; its ports are free when it has exited
  const exited = Date.now() + exitMs
  while (holder !== undefined && Date.now() < exited && (await isRunning(holder))) await pause()
  return pid
}
