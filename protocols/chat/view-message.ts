import type { BlobReference } from '../../crdt/blobs/index.ts'
import type { Space } from '../../crdt/index.ts'
import { type ChatMessage, type DeliveryState, deliveryStates } from './protocol.ts'
import { attachValue, editValue, keyToMessageRow, keyToPosition, messageValue, onValue, type Position } from './row.ts'
import { twinText } from './twin-text.ts'

/** A message as the index has it, before names and delivery are looked up. */
export interface RawMessage {
  readonly position: Position
  readonly device: number
  readonly seq: number
  readonly text: string
  readonly replyTo: string | undefined
  readonly editedAt: number | undefined
  readonly isDeleted: boolean
  /** Emoji → member numbers */
  readonly reactions: ReadonlyMap<string, readonly number[]>
  readonly attachments: readonly BlobReference[]
}

/** Reader → author → lamport up to which the reader has opened that author's messages. */
export type OpenedMarks = ReadonlyMap<number, ReadonlyMap<number, number>>

/** Kinds of reactions shown under one message. */
const maxReactions = 128

export interface Row {
  readonly key: string
  readonly value: Uint8Array
}

/** Gathers rows that come in ascending or descending order into messages; rows about no message at all fall out. */
export class Gatherer {
  #key = ''
  #rows: Row[] = []

  /** The message that ended before this row, if one did. */
  add(row: Row): RawMessage | undefined {
    const { message } = keyToMessageRow(row.key)
    const ended = message === this.#key ? undefined : this.end()
    this.#key = message
    this.#rows.push(row)
    return ended
  }

  end(): RawMessage | undefined {
    const rows = this.#rows
    this.#rows = []
    return rows.length === 0 ? undefined : rowsToMessage(this.#key, rows)
  }
}

function rowsToMessage(key: string, rows: Row[]): RawMessage | undefined {
  // Ascending, so that the first text comes first and the newest edit and the newest word on a reaction come last
  rows.sort((a, b) => (a.key < b.key ? -1 : 1))
  const base = rows.find(row => keyToMessageRow(row.key).type === 'text')
  if (base === undefined) return undefined
  const [device, seq, original, replyTo] = messageValue.fromBytes(base.value)
  let text = original
  let editedAt: number | undefined
  let isDeleted = false
  let attachments: readonly BlobReference[] | undefined
  const reactions = new Map<string, Set<number>>()
  for (const row of rows) {
    const about = keyToMessageRow(row.key)
    if (about.type === 'edit') [text, editedAt] = editValue.fromBytes(row.value)
    else if (about.type === 'delete') isDeleted = true
    else if (about.type === 'attach') attachments ??= attachValue.fromBytes(row.value)
    else if (about.type === 'react') react(reactions, about, onValue.fromBytes(row.value))
  }
  const shown = [...reactions].flatMap(([emoji, members]): [string, number[]][] =>
    members.size > 0 ? [[emoji, [...members]]] : []
  )
  return {
    position: keyToPosition(key),
    device,
    seq,
    text: isDeleted ? '' : text,
    replyTo: replyTo ?? undefined,
    editedAt: isDeleted ? undefined : editedAt,
    isDeleted,
    reactions: new Map(isDeleted ? [] : shown),
    attachments: isDeleted ? [] : (attachments ?? [])
  }
}

function react(reactions: Map<string, Set<number>>, about: { reactor: number; emoji: string }, on: boolean): void {
  const members = reactions.get(about.emoji) ?? new Set()
  if (on && (reactions.size < maxReactions || reactions.has(about.emoji)))
    reactions.set(about.emoji, members.add(about.reactor))
  else members.delete(about.reactor)
}

/** How far a message got: for one's own by member, for another's whether it was opened here. */
export function stateOf(
  space: Space,
  { position, device, seq }: RawMessage,
  marks: OpenedMarks
): {
  state: DeliveryState
  members: { id: string; state: DeliveryState }[]
} {
  const me = space.myNumber
  if (position.author !== me)
    return { state: isOpened(marks, me ?? 0, position) ? 'opened' : 'their-twin', members: [] }
  const twin = space.twinOf(me)!
  const { state, twins } = space.delivery({ twin, device, seq })
  const members = twins.map(other => {
    const number = space.numberOf(other.twin)
    const isRead = number !== undefined && isOpened(marks, number, position)
    const mine = state === 'saved' ? 'saved' : 'my-twin'
    const undelivered = other.inMailbox ? 'mailbox' : mine
    const got: DeliveryState = isRead ? 'opened' : other.delivered ? 'their-twin' : undelivered
    return { id: twinText(other.twin), state: got }
  })
  return {
    state: members.reduce<DeliveryState>(
      (least, { state }) => lesser(least, state),
      members.length > 0 ? 'opened' : state
    ),
    members
  }
}

/** What the contract shows of it. */
export function toChatMessage(
  space: Space,
  raw: RawMessage,
  marks: OpenedMarks,
  nameOf: (twin: string) => string
): ChatMessage {
  const { state, members } = stateOf(space, raw, marks)
  const idOf = (member: number) => twinText(space.twinOf(member)!)
  const from = idOf(raw.position.author)
  const reactions = [...raw.reactions].map(([emoji, from]) => ({
    emoji,
    from: from.filter(member => space.twinOf(member) !== undefined).map(idOf)
  }))
  return {
    id: raw.position.id,
    conversation: space.text,
    from,
    name: raw.position.author === space.myNumber ? '' : nameOf(from),
    text: raw.text,
    at: raw.position.at,
    state,
    ...(space.kind === 'group' && members.length > 0 && { members }),
    ...(raw.replyTo !== undefined && { replyTo: raw.replyTo }),
    ...(raw.editedAt !== undefined && { editedAt: raw.editedAt }),
    ...(raw.isDeleted && { deleted: true }),
    ...(reactions.length > 0 && { reactions }),
    ...(raw.attachments.length > 0 && { attachments: [...raw.attachments] })
  }
}

function isOpened(marks: OpenedMarks, reader: number, { author, lamport }: Position): boolean {
  return (marks.get(reader)?.get(author) ?? 0) >= lamport
}

function lesser(a: DeliveryState, b: DeliveryState): DeliveryState {
  return deliveryStates.indexOf(a) <= deliveryStates.indexOf(b) ? a : b
}
