import { globalOptions, splitOption } from './arguments.ts'
import type { Command, Option } from './command.ts'

/** What may follow the words typed so far, for `twin completion`'s scripts: they ask the command line itself. */
export function complete(commands: readonly Command[], words: readonly string[]): string[] {
  const current = words.at(-1) === '=' ? '' : (words.at(-1) ?? '')
  const { done, given, pending, isLiteral } = readTyped(commands, words.slice(0, words.at(-1) === '=' ? undefined : -1))
  if (pending !== undefined) return typeof pending.choices === 'object' ? keep(pending.choices, current) : []
  const matches = commands.filter(command => fits(command, done))
  const next = new Set<string>()
  for (const command of matches) {
    const word = command.words[done.length]
    if (word !== undefined && !isLiteral) next.add(word)
  }
  const exact = longest(matches, done)
  const positionals = exact?.positionals ?? []
  const at = done.length - (exact?.words.length ?? 0)
  const choices =
    exact === undefined ? undefined : (positionals[at] ?? positionals.find(({ isRest }) => isRest))?.choices
  if (typeof choices === 'object') for (const choice of choices) next.add(choice)
  if (isLiteral) return [...next].filter(word => word.startsWith(current)).sort()
  for (const [name, option] of Object.entries({ ...exact?.options, ...globalOptions })) {
    if (option.isRepeatable || !given.has(name)) next.add(`--${name}`)
  }
  return keep([...next], current)
}

interface Typed {
  /** Words of the command and its positionals: neither options nor their values */
  readonly done: readonly string[]
  readonly given: ReadonlySet<string>
  /** The option whose value comes next */
  readonly pending: Option | undefined
  /** After `--` nothing is an option */
  readonly isLiteral: boolean
}

function readTyped(commands: readonly Command[], words: readonly string[]): Typed {
  const done: string[] = []
  const given = new Set<string>()
  let pending: Option | undefined
  for (const [i, word] of words.entries()) {
    if (pending !== undefined) {
      // bash splits --space=house into three words
      if (word !== '=') pending = undefined
    } else if (word === '--') {
      return { done: [...done, ...words.slice(i + 1)], given, pending, isLiteral: true }
    } else if (!word.startsWith('--')) {
      done.push(word)
    } else {
      const [name, inline] = splitOption(word)
      given.add(name)
      const options = {
        ...longest(
          commands.filter(command => fits(command, done)),
          done
        )?.options,
        ...globalOptions
      }
      const option = Object.hasOwn(options, name) ? options[name] : undefined
      if (inline === undefined && option?.value !== undefined) pending = option
    }
  }
  return { done, given, pending, isLiteral: false }
}

function fits(command: Command, done: readonly string[]): boolean {
  return done.every((word, at) => at >= command.words.length || command.words[at] === word)
}

/** The command that is meant: `completion words` rather than `completion`. */
function longest(matches: readonly Command[], done: readonly string[]): Command | undefined {
  return matches
    .filter(command => command.words.length <= done.length)
    .sort((a, b) => b.words.length - a.words.length)[0]
}

function keep(candidates: readonly string[], start: string): string[] {
  return candidates.filter(word => word.startsWith(start) && (start.startsWith('-') || !word.startsWith('-'))).sort()
}

export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# twin completion bash: add to ~/.bashrc:  source <(twin completion bash)
_twin() {
  local IFS=$'\\n'
  COMPREPLY=($(twin completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ \${#COMPREPLY[@]} -gt 0 ] || compopt -o default
}
complete -F _twin twin
`,
  zsh: `#compdef twin
# twin completion zsh: add to ~/.zshrc:  source <(twin completion zsh)
_twin() {
  local -a found
  found=("\${(@f)$(twin completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#found} )) && [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _twin twin
`,
  fish: `# twin completion fish: save as ~/.config/fish/completions/twin.fish
function __twin_complete
  twin completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c twin -a '(__twin_complete)'
`
}
