import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { Command } from '../command.ts'
import { duration } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['peers'],
    summary: 'List open connections, the path of each, and how fast it is',
    examples: ['twin peers', 'twin peers --json'],
    run: async ({ out, connect, signal }) => {
      const rows = await out.collect('Reading', (await connect()).client(nodeProtocol).peers({}, { signal }))
      out.table(
        rows,
        [
          {
            title: 'Who',
            cell: (row, style) => (row.name === undefined ? style.dim('no contact') : style.name(row.name))
          },
          {
            title: 'Path',
            cell: (row, style) => (row.path === 'relayed' ? style.warn(row.path) : style.good(row.path))
          },
          {
            title: 'Latency',
            isRight: true,
            cell: row => (row.latencyMs === undefined ? '' : duration(row.latencyMs))
          },
          { title: 'Peer', cell: (row, style) => style.dim(row.peer) },
          { title: 'Address', cell: (row, style) => style.dim(row.address.replace(`/p2p/${row.peer}`, '')) }
        ],
        'No connection yet; see: twin doctor'
      )
      return undefined
    }
  }
]
