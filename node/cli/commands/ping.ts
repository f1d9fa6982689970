import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { Command } from '../command.ts'
import { duration } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['ping'],
    summary: 'Measure round trips to a twin, and see which path they take',
    positionals: [{ name: 'WHO', doc: 'Contact name or twin id' }],
    options: { count: { value: 'N', doc: 'How many (default 4)' } },
    examples: ['twin ping Marie', 'twin ping Marie --count 1 --json'],
    run: async ({ values, out, connect, signal }) => {
      const times: number[] = []
      const request = { who: values.text('WHO'), count: values.number('count', { min: 1, max: 1000 }) ?? 4 }
      const pongs = (await connect()).client(nodeProtocol).ping(request, { signal })
      for await (const pong of out.waitingEach('Waiting for an answer', pongs)) {
        times.push(pong.latencyMs)
        out.result(pong, style => `${duration(pong.latencyMs).padStart(8)}  ${pong.path}  ${style.dim(pong.address)}`)
      }
      times.sort((a, b) => a - b)
      if (times.length > 1) out.line(out.style.dim(`median ${duration(times[times.length >> 1]!)} of ${times.length}`))
      return undefined
    }
  }
]
