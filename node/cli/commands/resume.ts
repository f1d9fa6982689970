import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { Command } from '../command.ts'

export const commands: readonly Command[] = [
  {
    words: ['resume'],
    summary: 'Let a twin that was restored act on its own again',
    examples: ['twin resume'],
    run: async ({ out, connect, signal }) => {
      const { wasOnHold } = await (await connect()).client(nodeProtocol).resume({}, { signal })
      out.result({ wasOnHold }, style =>
        wasOnHold ? style.good('The twin acts on its own again: what waited goes out.') : 'It was not on hold.'
      )
      return undefined
    }
  }
]
