import { globalOptions } from './arguments.ts'
import type { Command } from './command.ts'

/** What may follow the words typed so far, for `twin completion`'s scripts: they ask the command line itself. */
export function complete(commands: readonly Command[], words: readonly string[]): string[] {
  const done = words.slice(0, -1).filter((word, at) => !word.startsWith('--') && words[at - 1] !== '--home')
  const current = words.at(-1) ?? ''
  const matches = commands.filter(command =>
    done.every((word, at) => at >= command.words.length || command.words[at] === word)
  )
  const next = new Set<string>()
  for (const command of matches) {
    const word = command.words[done.length]
    if (word !== undefined) next.add(word)
  }
  const exact = matches
    .filter(command => command.words.length <= done.length)
    .sort((a, b) => b.words.length - a.words.length)[0]
  if (exact !== undefined) {
    const before = words.at(-2) ?? ''
    const option = before.startsWith('--') ? exact.options?.[before.slice(2)] : undefined
    if (option?.value !== undefined) return typeof option.choices === 'object' ? keep(option.choices, current) : []
    for (const name of Object.keys(exact.options ?? {})) next.add(`--${name}`)
    const choices = exact.positionals?.[done.length - exact.words.length]?.choices
    if (typeof choices === 'object') for (const choice of choices) next.add(choice)
  }
  for (const name of Object.keys(globalOptions)) next.add(`--${name}`)
  return keep([...next], current)
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
