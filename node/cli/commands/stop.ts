import { nodeProtocol } from '../../control/protocol.ts'
import { lockHolder } from '../../home/index.ts'
import type { Command } from '../command.ts'
import { Failure } from '../failure.ts'

const pollMs = 25

export const commands: readonly Command[] = [
  {
    words: ['stop'],
    summary: 'Stop the twin, and wait until it is gone',
    options: { timeout: { value: 'SECONDS', doc: 'How long to wait (default 30)' } },
    examples: ['twin stop'],
    run: async ({ values, home, out, connect, signal }) => {
      const timeoutMs = (values.number('timeout', { min: 1, max: 3600 }) ?? 30) * 1000
      const { pid } = await (await connect()).client(nodeProtocol).shutdown({}, { signal })
      const until = Date.now() + timeoutMs
      // The lock goes last, and another process cannot be waited for in any other way
      while ((await lockHolder(home))?.pid === pid) {
        if (Date.now() > until) {
          throw new Failure(`Process ${pid} still runs after ${timeoutMs / 1000} s`, { next: `End it: kill ${pid}` })
        }
        await new Promise(resolve => setTimeout(resolve, pollMs))
      }
      out.result({ stopped: true, pid }, style => style.dim(`The twin (process ${pid}) has stopped.`))
      return undefined
    }
  }
]
