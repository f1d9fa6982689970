import type { ChatMessage } from '../../protocols/chat/protocol.ts'
import type { Output } from './output.ts'
import { pad, sanitize, width } from './style.ts'
import { deliveryWords, describeBlob } from './words.ts'

/** A message as scripts read it; what is rarely there comes after what is always there. */
export function messageToJson(message: ChatMessage): object {
  const { id, from, text, at, state, replyTo, editedAt, deleted, reactions, members, attachments } = message
  return { id, from, text, at, state, replyTo, editedAt, deleted, reactions, members, attachments }
}

/** A conversation: a heading for each day, then time, name, text and how far it got. */
export function drawMessages(messages: readonly ChatMessage[], out: Output, withIds: boolean): string[] {
  if (messages.length === 0) return [out.style.dim('No message yet')]
  const { style } = out
  const column = Math.min(16, Math.max(...messages.map(message => width(nameOf(message)))))
  const lines: string[] = []
  let day = ''
  for (const message of messages) {
    const own = dayName(message.at, out.now)
    if (own !== day) lines.push(...(day === '' ? [] : ['']), style.dim(`── ${own} ──`))
    day = own
    lines.push(drawMessage(message, out, column))
    if (withIds) lines.push(style.dim(`       ${message.id}`))
  }
  return lines
}

export function drawMessage(message: ChatMessage, out: Output, column = width(nameOf(message))): string {
  const { style } = out
  const isMine = message.name === ''
  const name = pad(nameOf(message), column)
  const indent = `\n${' '.repeat(5 + 2 + column + 2)}`
  const body = message.deleted ? style.dim('(taken back)') : sanitize(message.text).split('\n').join(indent)
  const remarks = [
    ...(isMine && !message.deleted ? [deliveryWords(message.state)] : []),
    ...(message.editedAt !== undefined ? ['edited'] : []),
    ...(message.replyTo !== undefined ? ['a reply'] : [])
  ]
  const reactions = (message.reactions ?? []).map(({ emoji, from }) => `${sanitize(emoji)} ${from.length}`).join('  ')
  const files = (message.attachments ?? []).map(file => `${indent}${style.dim(describeBlob(file))}`).join('')
  const tail = remarks.length === 0 ? '' : `  ${style.dim(`· ${remarks.join(', ')}`)}`
  const time = style.dim(timeOfDay(message.at))
  return `${time}  ${isMine ? style.bold(name) : style.name(name)}  ${body}${tail}${files}${reactions === '' ? '' : indent + reactions}`
}

function nameOf(message: ChatMessage): string {
  return message.name === '' ? 'me' : sanitize(message.name)
}

function timeOfDay(at: number): string {
  const date = new Date(at)
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
}

function dayName(at: number, now: number): string {
  const day = new Date(at).toDateString()
  if (day === new Date(now).toDateString()) return 'Today'
  if (day === new Date(now - 86_400_000).toDateString()) return 'Yesterday'
  return new Date(at).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}
