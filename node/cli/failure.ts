import { exitCodes } from './command.ts'
import { nextStep } from './next-step.ts'

/** The command line does not make sense: exit code 2, with the usage line as the next step. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface FailureInit extends ErrorOptions {
  /** What to do about it, as a sentence or a command line */
  readonly next?: string
  readonly exit?: number
  readonly code?: string
}

/** A failure that is explained: one line that says what is wrong, and what to do next. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly next: string | undefined
  readonly exit: number
  readonly code: string

  constructor(message: string, init: FailureInit = {}) {
    super(message, { cause: init.cause })
    this.next = init.next
    this.exit = init.exit ?? exitCodes.failed
    this.code = init.code ?? 'Failed'
  }
}

interface Explained {
  readonly code: string
  readonly message: string
  readonly next: string | undefined
  readonly exit: number
}

/** What was thrown by a command of these words, in one line, whatever it was. */
export function explain(thrown: unknown, words: readonly string[] = []): Explained {
  if (thrown instanceof Failure) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = (error as { code?: unknown }).code
  if (error.name === 'UsageError') {
    return { code: 'Usage', message: error.message, next: undefined, exit: exitCodes.usage }
  }
  if (error.name === 'NotRunning') {
    return { code: 'NotRunning', message: error.message, next: nextOf(error), exit: exitCodes.unreachable }
  }
  // The control socket refused: what is behind says why
  if (error.name === 'ProtocolError' && nextOf(error.cause) !== undefined) return explain(error.cause, words)
  if (error.name === 'ProtocolError') return explainProtocolError(String(code), error.message, words)
  const known = typeof code === 'string' ? systemFailures[code] : undefined
  if (known !== undefined) return { code: String(code), message: known[0], next: known[1], exit: exitCodes.failed }
  return { code: error.name, message: firstLine(error.message), next: nextOf(error), exit: exitCodes.failed }
}

/** `HomeError` and others of ours know what to do. */
function nextOf(error: unknown): string | undefined {
  const next = (error as { next?: unknown } | undefined)?.next
  return typeof next === 'string' ? next : undefined
}

/** Codes of the kernel in the four exit codes of the command line. */
function explainProtocolError(code: string, message: string, words: readonly string[]): Explained {
  const exit =
    code === 'InvalidArgument' || code === 'TooLarge'
      ? exitCodes.usage
      : code === 'Unavailable' || code === 'DeadlineExceeded'
        ? exitCodes.unreachable
        : exitCodes.failed
  return { code, message: firstLine(message), next: nextStep(code, words), exit }
}

const systemFailures: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['The disk is full', 'Free some space and start the twin again; what was acknowledged is safe'],
  EDQUOT: ['The disk quota is used up', 'Free some space and start the twin again; what was acknowledged is safe'],
  EROFS: ['The disk is read-only', 'Use a folder that can be written: --home DIR'],
  EACCES: ['Permission denied', 'The home must belong to the user who runs this command'],
  EPERM: ['Permission denied', 'The home must belong to the user who runs this command'],
  EMFILE: ['Too many open files', 'Raise the limit: ulimit -n 4096']
}

export function firstLine(text: string): string {
  const end = text.indexOf('\n')
  return end === -1 ? text : text.slice(0, end)
}
