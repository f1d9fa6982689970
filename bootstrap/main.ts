import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createBootstrap } from './create-bootstrap.ts'
import { bootstrapLimitTable } from './limits.ts'

const usage = `twin-bootstrap: a meeting point for twins (DHT, relay, STUN, mailbox)

Usage: twin-bootstrap [--home DIR] [--port PORT] [--host ADDRESS] [--mailbox] [--json]
       twin-bootstrap --limits [--json]

  --home DIR      where its key and records are kept (~/.twinmesh-bootstrap)
  --port PORT     TCP port, and UDP port for STUN (4001); 0 takes a free one
  --host ADDRESS  IPv4 address to listen on (all of them)
  --mailbox       keep sealed parcels for twins that are off
  --limits        print every limit in force, and end
  --json          print one line {"peer","addresses"} when it serves, or {"error","message","next"}

Example: twin-bootstrap --home /var/lib/twin-bootstrap --port 4001
`

/** Runs the node until it is told to stop. Resolves to the exit code: 0 stopped, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    const next = 'See: twin-bootstrap --help'
    process.stderr.write(args.includes('--json') ? errorLine('Usage', options, next) : `${options}\n\n${usage}`)
    return 2
  }
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }
  if (options.limits) {
    process.stdout.write(limitLines(options.json))
    return 0
  }
  // Before anything is started: a signal that comes early must still end it cleanly
  const told = new Promise<void>(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  try {
    const bootstrap = await createBootstrap(options)
    process.stdout.write(options.json ? jsonLine(bootstrap) : text(bootstrap))
    await told
    await bootstrap.stop()
    return 0
  } catch (error) {
    const { code, message, next } = explain(error)
    process.stderr.write(options.json ? errorLine(code, message, next) : `twin-bootstrap: ${message}. ${next}\n`)
    return 1
  }
}

interface Options {
  readonly home: string
  readonly port: number
  readonly host: string | undefined
  readonly mailbox: boolean
  readonly json: boolean
  readonly help: boolean
  readonly limits: boolean
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        home: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        json: { type: 'boolean' },
        limits: { type: 'boolean' },
        mailbox: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' }
      }
    })
    const port = Number(values.port ?? '4001')
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      return `Port ${values.port} is not a number from 0 to 65535`
    const { home = join(homedir(), '.twinmesh-bootstrap'), host, mailbox = false, json = false } = values
    return { home, port, host, mailbox, json, help: values.help === true, limits: values.limits === true }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function jsonLine({ peer, addresses }: { peer: string; addresses(): string[] }): string {
  return `${JSON.stringify({ peer, addresses: addresses() })}\n`
}

/** The shape in which `twin --json` says it too. */
function errorLine(error: string, message: string, next: string): string {
  return `${JSON.stringify({ error, message, next })}\n`
}

function explain(thrown: unknown): { code: string; message: string; next: string } {
  const message = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0]!
  const code = (thrown as { code?: unknown } | undefined)?.code
  if (code === 'PortTaken') return { code, message, next: 'Take another one: --port PORT' }
  const { syscall } = (thrown ?? {}) as { syscall?: unknown }
  const isListening = syscall === 'listen' || syscall === 'bind'
  const next = isListening
    ? 'Take another address or port: --host ADDRESS, --port PORT'
    : 'Take another folder: --home DIR'
  return { code: typeof code === 'string' ? code : 'Failed', message, next }
}

function text({ peer, addresses }: { peer: string; addresses(): string[] }): string {
  return `Bootstrap node ${peer}\n${addresses()
    .map(address => `  ${address}`)
    .join('\n')}\nStop it with Ctrl+C\n`
}

function limitLines(isJson: boolean): string {
  const lines = Object.entries(bootstrapLimitTable).map(([name, { value, unit, reason }]) => {
    const amount = `${value.toLocaleString('en')} ${unit}`
    return isJson
      ? JSON.stringify({ name, value: amount, doc: reason })
      : `${name.padEnd(24)}  ${amount.padStart(19)}  ${reason}`
  })
  return `${lines.join('\n')}\n`
}
