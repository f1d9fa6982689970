import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { Command } from '../command.ts'

export const commands: readonly Command[] = [
  {
    words: ['limits'],
    summary: 'Show every limit in force: connections, streams, sizes, rates, memory',
    examples: ['twin limits'],
    run: async ({ out, connect, signal }) => {
      const rows: { name: string; value: string; doc: string }[] = []
      for await (const row of (await connect()).client(nodeProtocol).limits({}, { signal })) rows.push(row)
      out.table(
        rows,
        [
          { title: 'Limit', cell: row => row.name },
          { title: 'Value', isRight: true, cell: row => row.value },
          { title: 'What', cell: (row, style) => style.dim(row.doc) }
        ],
        'No limits'
      )
      return undefined
    }
  }
]
