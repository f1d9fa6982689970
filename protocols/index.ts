/** Every capability of a twin, one line each. */
import type { AnyProtocol } from './core/index.ts'

export const protocols: readonly AnyProtocol[] = []
