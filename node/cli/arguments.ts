import type { Command, Option } from './command.ts'
import { UsageError } from './failure.ts'

/** What a command line says, by name: positionals in upper case, options in lower case. */
export interface Values {
  readonly positionals: ReadonlyMap<string, string>
  readonly options: ReadonlyMap<string, readonly string[]>
  /** The positional; a `TypeError` for one that the command declares optional and that was left out */
  text(positional: string): string
  /** The words of the positional that takes all that are left */
  readonly rest: readonly string[]
  /** The option as a whole number in a range; a `UsageError` for anything else */
  number(name: string, bounds: { min: number; max: number }): number | undefined
  /** The last value of an option */
  option(name: string): string | undefined
  isOn(name: string): boolean
}

export interface Globals {
  readonly home: string | undefined
  readonly json: boolean
  readonly help: boolean
  readonly version: boolean
  /** Everything else, in order */
  readonly rest: readonly string[]
}

/** Options that every command takes, wherever they stand. */
export const globalOptions: Readonly<Record<string, Option>> = {
  home: { value: 'DIR', doc: 'Folder of the twin, instead of $TWIN_HOME or ~/.twinmesh', choices: 'folder' },
  json: { doc: 'Print JSON: one object, or one object a line for lists' },
  help: { doc: 'Explain the command, with examples' }
}

export function splitGlobals(argv: readonly string[]): Globals {
  const rest: string[] = []
  let home: string | undefined
  let json = false
  let help = false
  let version = false
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      rest.push(...argv.slice(i))
      break
    }
    if (word === '--json') json = true
    else if (word === '--help' || word === '-h') help = true
    else if (word === '--version' || word === '-v') version = true
    else if (word === '--home') {
      home = argv[++i]
      if (home === undefined) throw new UsageError('--home needs a folder')
    } else if (word.startsWith('--home=')) home = word.slice('--home='.length)
    else rest.push(word)
  }
  if (home === '') throw new UsageError('--home needs a folder')
  return { home, json, help, version, rest }
}

/** Reads the words after a command's name; a `UsageError` names the word that does not fit. */
export function parseArguments(command: Command, words: readonly string[]): Values {
  const options = new Map<string, string[]>()
  const loose: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      loose.push(...words.slice(i + 1))
      break
    }
    if (!word.startsWith('-') || word === '-' || /^-\d/.test(word)) {
      loose.push(word)
      continue
    }
    const [name, inline] = splitOption(word)
    const option = Object.hasOwn(command.options ?? {}, name) ? command.options?.[name] : undefined
    if (option === undefined) throw new UsageError(`Unknown option ${word.split('=')[0]}${didYouMean(name, command)}`)
    const value = option.value === undefined ? inline : (inline ?? words[++i])
    if (option.value === undefined && inline !== undefined) throw new UsageError(`--${name} takes no value`)
    if (option.value !== undefined && value === undefined) throw new UsageError(`--${name} needs ${option.value}`)
    const given = options.get(name) ?? []
    if (given.length > 0 && !option.isRepeatable) throw new UsageError(`--${name} was given twice`)
    options.set(name, [...given, value ?? ''])
  }
  return createValues(matchPositionals(command, loose), restOf(command, loose), options)
}

function matchPositionals(command: Command, loose: readonly string[]): Map<string, string> {
  const positionals = new Map<string, string>()
  let taken = 0
  for (const positional of command.positionals ?? []) {
    const word = positional.isRest ? loose.slice(taken).join(' ') : loose[taken]
    const isMissing = taken >= loose.length
    if (isMissing && !positional.isOptional) throw new UsageError(`${positional.name} is missing`)
    if (!isMissing) positionals.set(positional.name, word!)
    taken = positional.isRest ? loose.length : taken + 1
  }
  if (taken < loose.length) throw new UsageError(`Unexpected word ${loose[taken]}`)
  return positionals
}

function restOf(command: Command, loose: readonly string[]): readonly string[] {
  const at = (command.positionals ?? []).findIndex(positional => positional.isRest)
  return at === -1 ? [] : loose.slice(at)
}

function createValues(
  positionals: Map<string, string>,
  rest: readonly string[],
  options: Map<string, string[]>
): Values {
  return {
    positionals,
    rest,
    options,
    number: (name, { min, max }) => {
      const word = options.get(name)?.at(-1)
      if (word === undefined) return undefined
      const value = Number(word)
      if (!/^-?\d+$/.test(word) || value < min || value > max) {
        throw new UsageError(`--${name} is a whole number from ${min} to ${max}`)
      }
      return value
    },
    text: name => {
      const value = positionals.get(name)
      if (value === undefined) throw new TypeError(`${name} was left out`)
      return value
    },
    option: name => options.get(name)?.at(-1),
    isOn: name => options.has(name)
  }
}

/** `--name=value` in its two parts. */
export function splitOption(word: string): [string, string | undefined] {
  const body = word.replace(/^--?/, '')
  const at = body.indexOf('=')
  return at === -1 ? [body, undefined] : [body.slice(0, at), body.slice(at + 1)]
}

function didYouMean(name: string, command: Command): string {
  const near = nearest(name, [...Object.keys(command.options ?? {}), ...Object.keys(globalOptions)])
  return near === undefined ? '' : `; did you mean --${near}?`
}

/** The candidate at the smallest edit distance, if it is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Insertions, deletions, replacements, and neighbours that were swapped. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwapped ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (isSame ? 0 : 1), swapped))
    }
    before = row
    row = next
  }
  return row[b.length]!
}
