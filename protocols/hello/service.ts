import { defineService } from '../core/index.ts'
import type { Hello } from './hello.ts'
import { helloProtocol } from './protocol.ts'

export interface HelloComponents {
  /** Made by the composition root, because all other services ask it who calls */
  readonly hello: Hello
}

export const hello = defineService(helloProtocol, ({ hello }: HelloComponents) => hello)
