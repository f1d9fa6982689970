import type { Command } from '../command.ts'
import { complete, completionScripts } from '../completion.ts'
import { UsageError } from '../failure.ts'

export const commands: readonly Command[] = [
  {
    words: ['completion'],
    summary: 'Print a script that completes twin commands in your shell',
    positionals: [{ name: 'SHELL', doc: 'bash, zsh or fish', choices: ['bash', 'zsh', 'fish'] }],
    examples: [
      'source <(twin completion bash)  # in ~/.bashrc',
      'source <(twin completion zsh)  # in ~/.zshrc',
      'twin completion fish > ~/.config/fish/completions/twin.fish'
    ],
    run: async ({ values, out, io }) => {
      const shell = values.text('SHELL')
      const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined
      if (script === undefined) throw new UsageError(`SHELL is bash, zsh or fish, not ${shell}`)
      if (out.isJson) out.json({ shell, script })
      else io.stdout.write(script)
      return undefined
    }
  },
  {
    words: ['completion', 'words'],
    summary: 'What may follow the words after --, one a line; the scripts ask this',
    positionals: [
      { name: 'WORDS', doc: 'The words typed so far, the last one unfinished', isRest: true, isOptional: true }
    ],
    examples: ['twin completion words -- kv g'],
    run: async ({ values, out }) => {
      const { allCommands } = await import('../catalogue.ts')
      const found = complete(await allCommands(), values.rest)
      for (const word of found) out.result({ word }, () => word)
      return undefined
    }
  }
]
