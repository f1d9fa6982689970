import type { AnyProtocol } from '../../protocols/core/index.ts'
import { registry } from '../../protocols/index.ts'

/** The contracts the command line speaks, each loaded when it is meant: those of all capabilities, and the twin's own. */
export const contracts: Readonly<Record<string, () => Promise<AnyProtocol>>> = {
  ...Object.fromEntries(Object.entries(registry).map(([name, { contract }]) => [name, contract])),
  node: async () => (await import('../../protocols/node/protocol.ts')).nodeProtocol
}
