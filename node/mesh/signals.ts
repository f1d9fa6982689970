import { setMaxListeners } from 'node:events'
import { anySignal as firstOf } from '../../protocols/core/index.ts'

/** Aborts as soon as one of these does. Many wait on it at once, which is no leak worth a warning. */
export function anySignal(...signals: readonly AbortSignal[]): AbortSignal {
  return quiet(firstOf(...signals))
}

/** Aborts after `ms` or when `signal` does, whichever is first. */
export function withTimeout(ms: number, signal?: AbortSignal): AbortSignal {
  const timeout = quiet(AbortSignal.timeout(ms))
  return signal === undefined ? timeout : anySignal(timeout, signal)
}

/** A controller whose signal many may wait on. */
export function quietController(): AbortController {
  const controller = new AbortController()
  quiet(controller.signal)
  return controller
}

function quiet(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal)
  return signal
}
