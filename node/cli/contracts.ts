import type { AnyProtocol } from '../../protocols/core/index.ts'

/**
 * The contracts the command line speaks, each loaded when it is meant: a cold command pays for one. A spec compares the names
 * with the registry, so that a new capability cannot be forgotten here.
 */
export const contracts: Readonly<Record<string, () => Promise<AnyProtocol>>> = {
  chat: async () => (await import('../../protocols/chat/protocol.ts')).chatProtocol,
  contacts: async () => (await import('../../protocols/contacts/protocol.ts')).contactsProtocol,
  kv: async () => (await import('../../protocols/kv/protocol.ts')).kvProtocol,
  node: async () => (await import('../control/protocol.ts')).nodeProtocol,
  profile: async () => (await import('../../protocols/profile/protocol.ts')).profileProtocol
}
