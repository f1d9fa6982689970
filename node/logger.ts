import { format } from 'node:util'
import type { Logger } from '../protocols/core/index.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** One line a message: time, level, scope, text. */
export function createLogger(scope: string, least: LogLevel, write: (line: string) => void): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, ...details: unknown[]) => {
      if (order.indexOf(level) < order.indexOf(least)) return
      const text = format(message, ...details).replaceAll('\n', '\n  ')
      write(`${new Date().toISOString()} ${level} twin:${scope} ${text}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
