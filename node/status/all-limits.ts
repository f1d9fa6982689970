import { heldLimits } from '../../crdt/spaces/index.ts'
import { syncLimits } from '../../crdt/sync/index.ts'
import { type AnyProtocol, defaultLimits, limitReasons, type ProtocolLimits } from '../../protocols/core/index.ts'
import { helloProtocol } from '../../protocols/hello/protocol.ts'
import { mailboxLimitTable } from '../../protocols/mailbox/index.ts'
import { nodeProtocol } from '../../protocols/node/protocol.ts'
import { syncProtocol } from '../../protocols/sync/protocol.ts'
import { type Limits, limitRows } from '../limits.ts'

export interface LimitRow {
  /** A limit of the process, or `call.`, `sync.` or a capability's name before one of those */
  readonly name: string
  readonly value: string
  readonly doc: string
}

/**
 * Every limit in force, from the tables themselves: those of the process, of calls in general, of each contract where it differs,
 * of boxes kept for others, and of sync sessions.
 */
export function* allLimits(limits: Limits, capabilities: readonly AnyProtocol[]): Generator<LimitRow> {
  for (const { name, value, unit, reason } of limitRows(limits)) yield { name, value: amount(value, unit), doc: reason }
  for (const name of callLimits) {
    yield { name: `call.${name}`, value: callLimit(name, defaultLimits), doc: limitReasons[name] }
  }
  for (const protocol of [...capabilities, helloProtocol, syncProtocol, nodeProtocol] as readonly AnyProtocol[]) {
    for (const name of callLimits) {
      const value = callLimit(name, protocol.limits)
      const doc = `For ${protocol.name} instead of call.${name}`
      if (value !== callLimit(name, defaultLimits)) yield { name: `${protocol.name}.${name}`, value, doc }
    }
  }
  for (const [name, { value, unit, reason }] of Object.entries(mailboxLimitTable)) {
    yield { name, value: amount(value, unit), doc: reason }
  }
  for (const { name, value, unit, reason } of syncLimits) {
    yield { name: `sync.session.${name}`, value: amount(value, unit), doc: reason }
  }
  for (const { name, value, unit, reason } of heldLimits) {
    yield { name: `space.held.${name}`, value: amount(value, unit), doc: reason }
  }
}

const callLimits = Object.keys(limitReasons) as (keyof ProtocolLimits)[] // keys of the record are these names

const units: Readonly<Partial<Record<keyof ProtocolLimits, string>>> = {
  maxMessageSize: 'bytes',
  window: 'bytes',
  maxInboundStreams: 'streams',
  maxCallsInFlight: 'calls'
}

function callLimit(name: keyof ProtocolLimits, limits: ProtocolLimits): string {
  const value = limits[name]
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return amount(value, units[name] ?? 'ms')
  return `${amount(value.points, 'calls')} in ${amount(value.durationMs, 'ms')}`
}

function amount(value: number, unit: string): string {
  return `${value.toLocaleString('en')} ${unit}`
}
