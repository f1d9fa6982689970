import { ProtocolError } from '../core/index.ts'
import { maxLinkLength, tokenLength } from './protocol.ts'

export interface InviteLink {
  /** Twin id of whoever invites */
  readonly id: string
  /** Single-use; presenting it is acceptance */
  readonly token?: Uint8Array
  /** Sequence of the inviter's owner record: an older one is a rollback */
  readonly sequence?: number
  /** Hash of the newest record of the inviter's device list (32 bytes), for the same reason */
  readonly head?: Uint8Array
}

const idPattern = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/
const headLength = 32

export function isTwinId(text: string): boolean {
  return idPattern.test(text)
}

/** `twin:<twin id>?t=<token>&s=<sequence>&h=<head>`. A scheme of its own, so that a phone can offer to open it (crdt/FORMATS.md §13). */
export function inviteLinkToText(link: InviteLink): string {
  const parameters = new URLSearchParams()
  if (link.token !== undefined) parameters.set('t', bytesToBase64url(link.token))
  if (link.sequence !== undefined) parameters.set('s', String(link.sequence))
  if (link.head !== undefined) parameters.set('h', bytesToBase64url(link.head))
  const query = parameters.toString()
  return query === '' ? `twin:${link.id}` : `twin:${link.id}?${query}`
}

/** Reads an invite link or a bare twin id. Parameters it does not know are left out: later minors add some. */
export function textToInviteLink(text: string): InviteLink {
  const trimmed = text.trim()
  if (trimmed.length > maxLinkLength) throw malformed('it is too long')
  if (isTwinId(trimmed)) return { id: trimmed }
  const match = /^twin:(?:\/\/)?([^?#/]*)\/?(?:\?([^#]*))?$/i.exec(trimmed)
  if (match === null) throw malformed('expected twin:<twin id>?t=… or a twin id')
  const id = match[1]!
  if (!isTwinId(id)) throw malformed('the twin id in it is not whole')
  const parameters = new URLSearchParams(match[2] ?? '')
  const token = parameters.get('t')
  const sequence = parameters.get('s')
  const head = parameters.get('h')
  if (sequence !== null && !/^\d{1,15}$/.test(sequence)) throw malformed('its sequence is not a number')
  return {
    id,
    ...(token !== null && { token: tokenOf(token) }),
    ...(sequence !== null && { sequence: Number(sequence) }),
    ...(head !== null && { head: headOf(head) })
  }
}

function tokenOf(text: string): Uint8Array {
  const token = /^[\w-]{22}$/.test(text) ? base64urlToBytes(text) : undefined
  if (token?.length !== tokenLength) throw malformed('its token is not whole')
  return token
}

function headOf(text: string): Uint8Array {
  const head = /^[\w-]{43}$/.test(text) ? base64urlToBytes(text) : undefined
  if (head?.length !== headLength) throw malformed('its list head is not whole')
  return head
}

function malformed(why: string): ProtocolError {
  return new ProtocolError('InvalidArgument', `This is not an invite link: ${why}`)
}

function bytesToBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function base64urlToBytes(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, character => character.charCodeAt(0))
}
