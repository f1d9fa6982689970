import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import { addressLines } from '../address-view.ts'
import type { Command } from '../command.ts'
import { count } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['find'],
    summary: 'Look a twin up by its id, anywhere in the mesh',
    positionals: [{ name: 'ID', doc: 'Twin id (12D3KooW…)' }],
    examples: ['twin find 12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'],
    run: async ({ values, out, connect, signal }) => {
      const search = (await connect()).client(nodeProtocol).find({ id: values.text('ID') }, { signal })
      const found = await out.waiting('Looking through the mesh', search)
      const devices = found.devices.map(({ device, addresses }) => ({ device, addresses }))
      out.result({ id: found.id, devices }, style => [
        `${style.name(found.id)}  ${style.dim(count(devices.length, 'device'))}`,
        ...devices.flatMap(({ device, addresses }) => [
          `  ${device}`,
          ...(addresses.length === 0
            ? [style.dim('    no address known; it is reached through a relay or not at all')]
            : []),
          ...addressLines(addresses).map(line => `    ${style.dim(line)}`)
        ])
      ])
      return undefined
    }
  }
]
