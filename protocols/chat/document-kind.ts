import * as Y from 'yjs'
import type { DocumentKind, EntryInfo, IndexRow } from '../../crdt/index.ts'
import { bytesToEvent, type ChatEvent } from './event.ts'
import {
  deleteKey,
  editKey,
  editValue,
  idKey,
  messageValue,
  onValue,
  openedKey,
  openedValue,
  type Position,
  positionValue,
  reactionKey,
  sendKey,
  textKey
} from './row.ts'

/** Root array of a conversation document. */
export const eventsRoot = 'e'

/** One document a participant and month, so that none grows for ever. */
export function documentOf(member: number, at: number): string {
  return `chat/${member}/${new Date(at).toISOString().slice(0, 7)}`
}

const pattern = /^chat\/([1-9]\d{0,4})\/(\d{4}-(?:0[1-9]|1[0-2]))$/

/**
 * The documents of conversations. Each has one writer, so nobody alters what another said; what is shown is the index
 * that their events leave, so reading loads none of them.
 */
export const chatKind: DocumentKind = {
  kind: 'chat',
  spaces: ['direct', 'group'],
  roots: { [eventsRoot]: 'array' },
  writer: document => {
    const member = Number(pattern.exec(document)?.[1])
    return member < 2 ** 16 ? member : undefined
  },
  project: (doc, document) => {
    const [, member, month] = pattern.exec(document)!
    const view = new View(Number(member), month!)
    const events = doc.getArray(eventsRoot)
    for (const bytes of events) if (isOpened(bytes)) view.learn(toEvent(bytes))
    return (transaction, entry) => view.rows(addedEvents(transaction, events), entry)
  }
}

/** What a projection remembers of one document: how far its owner has opened what the others wrote. */
class View {
  readonly #member: number
  readonly #month: string
  readonly #opened = new Map<number, number>()

  constructor(member: number, month: string) {
    this.#member = member
    this.#month = month
  }

  /** Takes in an event of an earlier run, whose rows are written already. */
  learn(event: ChatEvent | undefined): void {
    if (event?.type === 'opened') this.#mark(event.upTo)
  }

  *rows(events: Iterable<ChatEvent>, entry: EntryInfo): Generator<IndexRow> {
    const texts = new Set<string>()
    for (const event of events) {
      for (const row of this.#rowsOf(event, entry)) {
        // Of two texts under one id in one entry the first counts too
        const isText = event.type === 'message' && row.key.startsWith('m/')
        if (isText && texts.has(row.key)) continue
        if (isText) texts.add(row.key)
        yield row
      }
    }
  }

  *#rowsOf(event: ChatEvent, { device, seq }: EntryInfo): Generator<IndexRow> {
    const author = this.#member
    if (event.type === 'opened') {
      this.#mark(event.upTo)
      yield { key: openedKey(author, this.#month), value: openedValue.toBytes([...this.#opened]) }
      return
    }
    const when = { lamport: event.lamport, device, seq }
    if (event.type === 'message') {
      const position: Position = { ...event, author }
      yield { key: textKey(position, when), value: messageValue.toBytes(device, seq, event.text, event.replyTo) }
      yield { key: idKey(event.id, author), value: positionValue.toBytes(position) }
      if (event.key !== undefined) yield { key: sendKey(author, event.key), value: positionValue.toBytes(position) }
    } else if (event.type === 'edit') {
      const position = { ...event.target, author }
      yield { key: editKey(position, when), value: editValue.toBytes(event.text, event.at) }
    } else if (event.type === 'delete') {
      yield { key: deleteKey({ ...event.target, author }), value: new Uint8Array() }
    } else {
      const position = { ...event.target, author: event.author }
      yield { key: reactionKey(position, author, event.emoji, when), value: onValue.toBytes(event.on) }
    }
  }

  #mark(upTo: (readonly [number, number])[]): void {
    for (const [member, lamport] of upTo) {
      this.#opened.set(member, Math.max(lamport, this.#opened.get(member) ?? 0))
    }
  }
}

function* addedEvents(transaction: Y.Transaction, events: Y.Array<unknown>): Generator<ChatEvent> {
  for (const [client, end] of transaction.afterState) {
    const start = transaction.beforeState.get(client) ?? 0
    if (end <= start) continue
    const structs = transaction.doc.store.clients.get(client)!
    for (let index = Y.findIndexSS(structs, start); index < structs.length; index++) {
      const item = structs[index]!
      if (!(item instanceof Y.Item) || item.deleted || item.parent !== events) continue
      for (const content of item.content.getContent()) {
        const event = toEvent(content)
        if (event !== undefined) yield event
      }
    }
  }
}

/** Tells by the first bytes, because a month has thousands of events and few of them are this one. */
function isOpened(content: unknown): boolean {
  return content instanceof Uint8Array && content[0] === 0x82 && content[1] === 4
}

function toEvent(content: unknown): ChatEvent | undefined {
  return content instanceof Uint8Array ? bytesToEvent(content) : undefined
}
