import type { Command, Option } from './command.ts'
import { usage } from './help.ts'

/** A command as `twin help --json` prints it. */
export function commandToJson(command: Command): object {
  const { words, summary, positionals = [], options = {}, examples, notes } = command
  return {
    command: words.join(' '),
    summary,
    usage: usage(command),
    arguments: positionals.map(({ name, doc, isOptional = false, isRest = false, choices }) => ({
      name,
      doc,
      required: !isOptional,
      many: isRest,
      ...choicesOf(choices)
    })),
    options: Object.entries(options).map(([name, { value, doc, isRepeatable = false, choices }]) => ({
      name: `--${name}`,
      value,
      doc,
      repeatable: isRepeatable,
      ...choicesOf(choices)
    })),
    examples,
    notes
  }
}

function choicesOf(choices: Option['choices']): { choices?: readonly string[] } {
  return typeof choices === 'object' ? { choices } : {}
}
