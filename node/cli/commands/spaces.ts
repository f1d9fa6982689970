import type { Command } from '../command.ts'
import { drawSpaces, spacesClient } from '../spaces-view.ts'

export const commands: readonly Command[] = [
  {
    words: ['spaces'],
    summary: 'List everything you share: with how many, in which role, and what of it is not shown',
    examples: ['twin spaces', 'twin spaces --json'],
    run: async context => {
      const { out, signal } = context
      drawSpaces(await out.collect('Reading', (await spacesClient(context)).list({}, { signal })), out)
      return undefined
    }
  }
]
