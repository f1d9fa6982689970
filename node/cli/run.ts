import type { ControlConnection } from '../control/index.ts'
import { homeAt } from '../home/index.ts'
import { nearest, parseArguments, splitGlobals } from './arguments.ts'
import { allCommands, commandsOf, groupNames, ownCommandsOf } from './catalogue.ts'
import { type Command, exitCodes } from './command.ts'
import { explain, UsageError } from './failure.ts'
import { overview, page, usage } from './help.ts'
import { commandToJson } from './help-json.ts'
import { hasColour, type Io } from './io.ts'
import { Output } from './output.ts'
import { createStyle } from './style.ts'

/**
 * Runs one command line and returns its exit code: 0 done, 1 failed, 2 usage, 3 not reachable. Whatever goes wrong is one
 * line on standard error that says what to do; with `--json` it is one object there.
 */
export async function run(argv: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  let isJson = argv.includes('--json')
  let command: Command | undefined
  try {
    const globals = splitGlobals(argv)
    isJson = globals.json
    const { rest } = globals
    const style = createStyle(hasColour(io.stdout, io.env))
    if (globals.version) {
      const version = (await import('../version.ts')).version()
      io.stdout.write(globals.json ? `${JSON.stringify({ version })}\n` : `twin ${version}\n`)
      return exitCodes.done
    }
    if (rest.length === 0 || (rest[0] === 'help' && rest.length === 1)) {
      if (globals.json && rest.length === 0 && !globals.help) throw new UsageError('No command was given')
      const commands = await allCommands()
      if (globals.json) writeHelp(commands, io)
      else io.stdout.write(`${overview(commands, style)}\n`)
      return rest.length === 0 && !globals.help ? exitCodes.usage : exitCodes.done
    }
    const isHelp = globals.help || rest[0] === 'help' || (rest.length === 2 && rest[1] === 'help')
    const words = rest[0] === 'help' ? rest.slice(1) : isHelp && rest[1] === 'help' ? rest.slice(0, -1) : rest
    // The usual case first: the generic commands of a contract are only worked out when no other fits
    const own = await ownCommandsOf(words[0]!)
    const direct = longestMatch(own, words)
    if (direct !== undefined && !isHelp && !mayGoOn(direct, words)) {
      command = direct
      return await runCommand(direct, words.slice(direct.words.length), globals, io, signal)
    }
    const candidates = await commandsOf(words[0]!)
    if (candidates.length === 0)
      throw new UsageError(`Unknown command ${words[0]}${didYouMean(words[0]!, groupNames())}`)
    command = longestMatch(candidates, words)
    const isGroup = candidates.some(other => other.words.length > words.length && isUnder(other, words))
    if (command === undefined || (isHelp && isGroup)) {
      const given = words.findIndex((word, at) => at > 0 && !candidates.some(other => other.words[at] === word))
      const known = words.slice(0, given === -1 ? words.length : given)
      const matches = candidates.filter(other => known.every((word, at) => other.words[at] === word))
      const next = [...new Set(matches.flatMap(other => other.words[known.length] ?? []))]
      if (isHelp || words.length === known.length) {
        if (!isHelp && globals.json) throw new UsageError(`After ${known.join(' ')} comes one of: ${next.join(', ')}`)
        if (globals.json) writeHelp(matches, io)
        else (isHelp ? io.stdout : io.stderr).write(`${page(matches, known, style)}\n`)
        return isHelp ? exitCodes.done : exitCodes.usage
      }
      throw new UsageError(
        `Unknown command ${known.join(' ')} ${words[known.length]}${didYouMean(words[known.length]!, next)}`
      )
    }
    if (isHelp) {
      if (globals.json) writeHelp([command], io)
      else io.stdout.write(`${page([command], command.words, style)}\n`)
      return exitCodes.done
    }
    return await runCommand(command, words.slice(command.words.length), globals, io, signal)
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'EPIPE') return exitCodes.done
    const failure = explain(thrown, command?.words)
    // Ctrl-C is how a person ends what would go on for ever
    if (signal.aborted && failure.code !== 'Usage')
      return failure.code === 'Cancelled' || isAbort(thrown) ? 130 : failure.exit
    report(failure, command, io, isJson)
    return failure.exit
  }
}

async function runCommand(
  command: Command,
  words: readonly string[],
  globals: { home: string | undefined; json: boolean },
  io: Io,
  signal: AbortSignal
): Promise<number> {
  const home = homeAt(globals.home, io.env)
  const values = parseArguments(command, words)
  let connection: Promise<ControlConnection> | undefined
  const out = new Output(io, globals.json)
  const connect = () => {
    connection ??= out.waiting(
      'Waiting for your twin',
      import('../control/index.ts').then(control => control.connectToTwin(home, { env: io.env }))
    )
    return connection
  }
  try {
    return (await command.run({ values, home, io, out, signal, connect })) ?? exitCodes.done
  } finally {
    await connection?.then(open => open.close()).catch(() => {})
  }
}

/** One object a command. */
function writeHelp(commands: readonly Command[], io: Io): void {
  for (const command of commands) io.stdout.write(`${JSON.stringify(commandToJson(command))}\n`)
}

function longestMatch(candidates: readonly Command[], words: readonly string[]): Command | undefined {
  return candidates
    .filter(command => command.words.every((word, at) => words[at] === word))
    .sort((a, b) => b.words.length - a.words.length)[0]
}

/** Whether a longer command may be meant: `devices` takes no argument, so what follows may be a method of its contract. */
function mayGoOn({ words, positionals = [] }: Command, given: readonly string[]): boolean {
  const next = given[words.length]
  return words.length === 1 && positionals.length === 0 && next !== undefined && !next.startsWith('-')
}

function isUnder(command: Command, words: readonly string[]): boolean {
  return words.every((word, at) => command.words[at] === word)
}

function report(failure: ReturnType<typeof explain>, command: Command | undefined, io: Io, isJson: boolean): void {
  const isUsage = failure.exit === exitCodes.usage && failure.code === 'Usage'
  const next =
    failure.next ?? (isUsage ? (command === undefined ? 'See: twin help' : `Usage: ${usage(command)}`) : undefined)
  if (isJson) {
    io.stderr.write(`${JSON.stringify({ error: failure.code, message: failure.message, next })}\n`)
    return
  }
  const style = createStyle(hasColour(io.stderr, io.env))
  io.stderr.write(
    `${style.bad('twin:')} ${failure.message}${next === undefined ? '' : `${/[.?!]$/.test(failure.message) ? '' : '.'} ${next}`}\n`
  )
}

function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates)
  return near === undefined ? '' : `; did you mean ${near}?`
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError'
}
