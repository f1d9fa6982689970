/** Why a twin does not start, in one line, and what to do about it. */
export class TwinError extends Error {
  override readonly name = 'TwinError'
  readonly code: string
  readonly next: string

  constructor(code: string, message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.next = next
  }
}

/** What Level, libp2p and the system throw while a twin starts, in words for its owner. */
export function explainStart(thrown: unknown, home: string): unknown {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown }
    if (error.name === 'TwinError' || error.name === 'HomeError') return error
    if (error.name === 'StoreError') {
      const full = isFull(innermost(error))
      if (full) return diskFull(thrown)
      const next = storeNext[String(code)] ?? storeNext.corrupt!
      return new TwinError('Store', firstLine(error.message), next, { cause: thrown })
    }
    if (error.name === 'PortTakenError' || code === 'EADDRINUSE') {
      return new TwinError('PortTaken', firstLine(error.message), 'Choose another one with --port, or leave it out', {
        cause: thrown
      })
    }
    if (code === 'EADDRNOTAVAIL') {
      const next = 'Use an address of this machine: --listen 127.0.0.1'
      return new TwinError('AddressUnknown', 'This machine does not have the address to listen on', next, {
        cause: thrown
      })
    }
    if (code === 'LEVEL_LOCKED') {
      return new TwinError('InUse', `The store in ${home} is in use by another process`, 'Stop it with: twin stop', {
        cause: thrown
      })
    }
    if (code === 'LEVEL_CORRUPTION' || code === 'LEVEL_DATABASE_NOT_OPEN' || code === 'LEVEL_IO_ERROR') {
      const cause = innermost(error)
      if (isFull(cause)) return diskFull(thrown)
      if (/lock/i.test(cause.message)) {
        return new TwinError('InUse', `The store in ${home} is in use by another process`, 'Stop it with: twin stop', {
          cause: thrown
        })
      }
      return new TwinError(
        'CorruptStore',
        `The store in ${home} is damaged (${firstLine(cause.message)})`,
        storeNext.corrupt!,
        {
          cause: thrown
        }
      )
    }
    if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(thrown)
  }
  return thrown
}

const storeNext: Readonly<Record<string, string>> = {
  corrupt: 'Put it back from a backup, or start over as a new device: twin init --restore --home NEW_DIR',
  newer: 'Update this installation: a later version wrote the store',
  'in-use': 'Stop the other process with: twin stop'
}

/** Level passes on what the system said as words only. */
function isFull(error: Error): boolean {
  return /no space|ENOSPC|disk quota/i.test(error.message)
}

function diskFull(cause: unknown): TwinError {
  return new TwinError(
    'DiskFull',
    'The disk is full',
    'Free some space and start again; what was acknowledged is safe',
    { cause }
  )
}

function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error
}

function firstLine(text: string): string {
  return text.split('\n')[0]!
}
