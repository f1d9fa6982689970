import { readConfig } from '../../home/index.ts'
import type { Command } from '../command.ts'

export const commands: readonly Command[] = [
  {
    words: ['id'],
    summary: 'Print your twin id, also when the twin is not running',
    examples: ['twin id', 'twin id --json'],
    run: async ({ home, out }) => {
      const { id } = await readConfig(home)
      out.result({ id }, () => id)
      return undefined
    }
  }
]
