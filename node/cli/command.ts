import type { ControlConnection } from '../control/index.ts'
import type { Home } from '../home/index.ts'
import type { Values } from './arguments.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'

export interface Positional {
  /** As it stands in the usage line, such as `KEY` */
  readonly name: string
  readonly doc: string
  readonly isOptional?: boolean
  /** Takes all words that are left, joined by spaces */
  readonly isRest?: boolean
  /** What shell completion offers */
  readonly choices?: readonly string[] | 'file' | 'folder'
}

export interface Option {
  readonly doc: string
  /** Placeholder of the value, such as `FILE`; absent for a switch */
  readonly value?: string
  readonly isRepeatable?: boolean
  readonly choices?: readonly string[] | 'file' | 'folder'
}

/** One command of `twin`: what help, completion and the parser need, and what it does. */
export interface Command {
  /** The words that name it, such as `['kv', 'put']` */
  readonly words: readonly string[]
  readonly summary: string
  readonly positionals?: readonly Positional[]
  readonly options?: Readonly<Record<string, Option>>
  /** Command lines with an optional remark after two spaces and `#` */
  readonly examples: readonly string[]
  readonly notes?: string
  run(context: Context): Promise<number | undefined>
}

/** What a command has to work with. */
export interface Context {
  readonly values: Values
  readonly home: Home
  readonly io: Io
  readonly out: Output
  /** Fires on SIGINT and SIGTERM, and when whoever reads the output went away */
  readonly signal: AbortSignal
  /** Opens the control socket of the running twin, once; throws `NotRunning` when there is none */
  connect(): Promise<ControlConnection>
}

/** Exit codes that scripts rely on. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const
