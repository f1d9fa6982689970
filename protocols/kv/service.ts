import { defineService } from '../core/index.ts'
import { Kv, type KvComponents, type KvInit } from './kv.ts'
import { kvProtocol } from './protocol.ts'

export const kv = defineService(kvProtocol, (components: KvComponents, init: KvInit) => new Kv(components, init))
