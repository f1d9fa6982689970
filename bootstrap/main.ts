import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createBootstrap } from './create-bootstrap.ts'
import { bootstrapLimitTable } from './limits.ts'

const usage = `twin-bootstrap: a meeting point for twins (DHT, relay, STUN)

Usage: twin-bootstrap [--home DIR] [--port PORT] [--host ADDRESS] [--json]
       twin-bootstrap --limits [--json]

  --home DIR      where its key and records are kept (~/.twinmesh-bootstrap)
  --port PORT     TCP port, and UDP port for STUN (4001); 0 takes a free one
  --host ADDRESS  IPv4 address to listen on (all of them)
  --limits        print every limit in force, and end
  --json          print one line {"peer","addresses"} when it serves

Example: twin-bootstrap --home /var/lib/twin-bootstrap --port 4001
`

/** Runs the node until it is told to stop. Resolves to the exit code: 0 stopped, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${usage}`)
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
    process.stderr.write(`twin-bootstrap: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

interface Options {
  readonly home: string
  readonly port: number
  readonly host: string | undefined
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
        help: { type: 'boolean', short: 'h' }
      }
    })
    const port = Number(values.port ?? '4001')
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      return `Port ${values.port} is not a number from 0 to 65535`
    const { home = join(homedir(), '.twinmesh-bootstrap'), host, json = false, help = false, limits = false } = values
    return { home, port, host, json, help, limits }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function jsonLine({ peer, addresses }: { peer: string; addresses(): string[] }): string {
  return `${JSON.stringify({ peer, addresses: addresses() })}\n`
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
