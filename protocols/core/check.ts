import * as v from 'valibot'
import { ProtocolError } from './errors.ts'
import type { Schema } from './schema.ts'

/** The checked value, without members that the schema does not know. */
export function checkRequest(schema: Schema, value: unknown): unknown {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  // Only the place is told: valibot's message quotes what was received
  const place = v.getDotPath(result.issues[0]) ?? 'the whole'
  throw new ProtocolError('InvalidArgument', `The request does not fit the contract at ${place}`)
}

/** As `checkRequest` for what the service answers: its fault, not the caller's. */
export function checkAnswer(schema: Schema, value: unknown): unknown {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return value
  throw new TypeError(
    `The service broke its contract at ${v.getDotPath(result.issues[0])}: ${result.issues[0].message}`
  )
}

/** As `checkRequest` for what a peer answered. */
export function checkReply(schema: Schema, value: unknown): unknown {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  throw new ProtocolError('Internal', 'The peer answered outside the contract')
}
