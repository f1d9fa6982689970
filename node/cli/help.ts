import { globalOptions } from './arguments.ts'
import type { Command, Option } from './command.ts'
import { pad, type Style, width } from './style.ts'

/** Examples on the page of a group; each command's own page has all of its own. */
const maxSamples = 6

/** Groups of the first help page, in the order in which a newcomer needs them. */
const sections: readonly (readonly [string, readonly string[]])[] = [
  ['Your twin', ['init', 'start', 'stop', 'status', 'id', 'devices', 'recovery', 'service', 'export']],
  ['People', ['invite', 'contacts', 'profile', 'chat']],
  ['Data', ['kv', 'notes', 'spaces', 'space']],
  ['Network', ['find', 'ping', 'peers', 'doctor', 'limits']],
  ['For developers', ['contract', 'node', 'completion']]
]

/** The first page: every command group in a line. */
export function overview(commands: readonly Command[], style: Style): string {
  const groups = new Map<string, Command[]>()
  for (const command of commands) groups.set(command.words[0]!, [...(groups.get(command.words[0]!) ?? []), command])
  const lines = [
    `${style.bold('twin')}: your always-on peer in the mesh`,
    '',
    `${style.dim('Usage:')} twin <command> [arguments] [--json] [--home DIR]`
  ]
  const known = new Set(sections.flatMap(([, names]) => names))
  const others = [...groups.keys()].filter(name => !known.has(name))
  for (const [title, names] of [...sections, ['More', others] as const]) {
    const present = names.filter(name => groups.has(name))
    if (present.length === 0) continue
    lines.push('', style.bold(title))
    for (const name of present) lines.push(`  ${style.name(pad(name, 11))} ${groupSummary(groups.get(name)!)}`)
  }
  lines.push(
    '',
    style.bold('First steps'),
    ...examples(
      ['twin init  # make your twin', 'twin start  # run it; leave this open', 'twin invite  # a link for a friend'],
      style
    ),
    '',
    `${style.dim('More about one:')} twin help COMMAND`
  )
  return lines.join('\n')
}

/** The page of one command, or of several that share their first words. */
export function page(matches: readonly Command[], words: readonly string[], style: Style): string {
  return matches.length === 1 ? commandPage(matches[0]!, style) : groupPage(matches, words, style)
}

/** `twin kv put KEY VALUE [--space S]` */
export function usage(command: Command): string {
  const positionals = (command.positionals ?? []).map(({ name, isOptional, isRest }) => {
    const word = isRest ? `${name}…` : name
    return isOptional ? `[${word}]` : word
  })
  const options = Object.entries(command.options ?? {}).map(([name, option]) => `[${optionForm(name, option)}]`)
  const few = options.length <= 3 ? options : ['[options]']
  return ['twin', ...command.words, ...positionals, ...few].join(' ')
}

function groupPage(matches: readonly Command[], words: readonly string[], style: Style): string {
  const forms = matches.map(command => usage(command).slice('twin '.length))
  const column = Math.min(46, Math.max(...forms.map(form => width(form))))
  const lines = [`${style.bold(`twin ${words.join(' ')}`)}: ${groupSummary(matches)}`, '']
  for (const [i, command] of matches.entries()) {
    const form = forms[i]!
    if (width(form) > column) lines.push(`  ${style.name(form)}`, `  ${pad('', column)}  ${command.summary}`)
    else lines.push(`  ${style.name(pad(form, column))}  ${command.summary}`)
  }
  const samples = matches.flatMap(command => command.examples.slice(0, 1)).slice(0, maxSamples)
  lines.push('', style.bold('Examples'), ...examples(samples, style))
  lines.push(
    '',
    `${style.dim('More about one:')} twin help ${matches.find(command => command.words.length > words.length)!.words.join(' ')}`
  )
  return lines.join('\n')
}

function commandPage(command: Command, style: Style): string {
  const lines = [command.summary, '', `${style.dim('Usage:')} ${usage(command)}`]
  const positionals = (command.positionals ?? []).map(({ name, doc }) => [name, doc] as const)
  const options = Object.entries({ ...command.options, ...globalOptions }).map(
    ([name, option]) =>
      [optionForm(name, option), option.isRepeatable ? `${option.doc} (repeatable)` : option.doc] as const
  )
  const column = Math.max(...[...positionals, ...options].map(([form]) => form.length))
  if (positionals.length > 0) {
    lines.push(
      '',
      style.bold('Arguments'),
      ...positionals.map(([form, doc]) => `  ${style.name(pad(form, column))}  ${doc}`)
    )
  }
  lines.push('', style.bold('Options'), ...options.map(([form, doc]) => `  ${style.name(pad(form, column))}  ${doc}`))
  lines.push('', style.bold('Examples'), ...examples(command.examples, style))
  if (command.notes !== undefined) lines.push('', command.notes)
  return lines.join('\n')
}

function examples(samples: readonly string[], style: Style): string[] {
  const split = samples.map(sample => {
    const at = sample.indexOf('  # ')
    return at === -1 ? ([sample, ''] as const) : ([sample.slice(0, at), sample.slice(at + 4)] as const)
  })
  const column = Math.min(56, Math.max(0, ...split.filter(([, remark]) => remark !== '').map(([line]) => line.length)))
  return split.map(([line, remark]) =>
    remark === '' ? `  ${line}` : `  ${pad(line, column)}  ${style.dim(`# ${remark}`)}`
  )
}

const groupDocs: Readonly<Record<string, string>> = {
  contacts: 'The people you know: add, accept, name, verify, block',
  chat: 'Conversations with contacts and groups',
  kv: 'Named values of yours, shared where you want',
  notes: 'Notes in notebooks, written together where you want',
  devices: 'Your devices: see them, name them, shut one out that was lost',
  spaces: 'Everything you share, and what of it is not shown',
  space: 'Who is in something you share: let people in and out',
  profile: 'The card you show to others',
  service: 'Keep the twin always on: starts with this machine',
  recovery: 'The phrase that brings the twin back',
  contract: 'What the capabilities promise, as data',
  node: 'The running twin about itself, as its contract says it'
}

function groupSummary(commands: readonly Command[]): string {
  return commands.length === 1 ? commands[0]!.summary : (groupDocs[commands[0]!.words[0]!] ?? commands[0]!.summary)
}

function optionForm(name: string, option: Option): string {
  return option.value === undefined ? `--${name}` : `--${name} ${option.value}`
}
