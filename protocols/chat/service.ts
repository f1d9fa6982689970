import { defineService } from '../core/index.ts'
import { Chat, type ChatComponents, type ChatInit } from './chat.ts'
import { chatProtocol } from './protocol.ts'

export const chat = defineService(
  chatProtocol,
  (components: ChatComponents, init: ChatInit) => new Chat(components, init)
)
