/** Every capability of a twin, one line each. */

import { chatProtocol } from './chat/protocol.ts'
import { contactsProtocol } from './contacts/protocol.ts'
import type { AnyProtocol } from './core/index.ts'
import { kvProtocol } from './kv/protocol.ts'
import { profileProtocol } from './profile/protocol.ts'

export const protocols: readonly AnyProtocol[] = [profileProtocol, contactsProtocol, chatProtocol, kvProtocol]
