import * as Y from 'yjs'
import { type BlobReference, noReferenceRow, referenceRow } from '../../crdt/blobs/index.ts'
import type { DocumentKind, EntryInfo, IndexRow } from '../../crdt/index.ts'
import { bytesToEvent, type ChatEvent, type Target } from './event.ts'
import {
  attachKey,
  attachPlace,
  attachValue,
  deleteKey,
  editKey,
  editValue,
  idKey,
  messageValue,
  onValue,
  openedKey,
  openedValue,
  type Position,
  positionToText,
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
  // 2: rows of attachments
  projection: 2,
  isProjectedFromItems: true,
  writer: document => {
    const member = Number(pattern.exec(document)?.[1])
    return member < 2 ** 16 ? member : undefined
  },
  project: (doc, document) => {
    const [, member, month] = pattern.exec(document)!
    const view = new View(Number(member), month!)
    const events = doc.getArray(eventsRoot)
    for (const bytes of events) if (isRemembered(bytes)) view.learn(toEvent(bytes))
    return (transaction, entry) => view.rows(addedEvents(transaction, events), entry)
  }
}

/**
 * What a projection remembers of one document: how far its owner has opened what the others wrote, and what is attached to
 * messages that were not deleted.
 */
class View {
  readonly #member: number
  readonly #month: string
  readonly #opened = new Map<number, number>()
  readonly #attached = new Map<string, readonly BlobReference[]>()
  readonly #deleted = new Set<string>()

  constructor(member: number, month: string) {
    this.#member = member
    this.#month = month
  }

  /** Takes in an event of an earlier run, whose rows are written already. */
  learn(event: ChatEvent | undefined): void {
    if (event?.type === 'opened') this.#mark(event.upTo)
    if (event?.type === 'attach') this.#attach(event.target, event.attachments)
    if (event?.type === 'delete') this.#detach(event.target)
  }

  *rows(events: Iterable<AddedEvent>, entry: EntryInfo): Generator<IndexRow> {
    let [texts, last] = [new Set<string>(), undefined as Version | undefined]
    for (const { event, client, clock } of events) {
      const version = entry.entryOf?.(client, clock) ?? entry
      if (version.seq !== last?.seq || version.device !== last.device) texts = new Set()
      last = version
      for (const row of this.#rowsOf(event, version)) {
        // Of two texts under one id in one entry the first counts too
        const isFirst = (event.type === 'message' || event.type === 'attach') && row.key.startsWith('m/')
        if (isFirst && texts.has(row.key)) continue
        if (isFirst) texts.add(row.key)
        yield row
      }
    }
  }

  *#rowsOf(event: ChatEvent, { device, seq }: Version): Generator<IndexRow> {
    const author = this.#member
    if (event.type === 'opened') {
      this.#mark(event.upTo)
      yield { key: openedKey(author, this.#month), value: openedValue.toBytes([...this.#opened]) }
      return
    }
    if (event.type === 'attach') {
      const position = { ...event.target, author }
      yield { key: attachKey(position, { device, seq }), value: attachValue.toBytes(event.attachments) }
      const place = attachPlace(position)
      for (const reference of this.#attach(event.target, event.attachments)) yield referenceRow(reference, place)
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
      const position = { ...event.target, author }
      yield { key: deleteKey(position), value: new Uint8Array() }
      for (const reference of this.#detach(event.target)) yield noReferenceRow(reference, attachPlace(position))
    } else {
      const position = { ...event.target, author: event.author }
      yield { key: reactionKey(position, author, event.emoji, when), value: onValue.toBytes(event.on) }
    }
  }

  /** What the message refers to from now on. */
  #attach(target: Target, attachments: readonly BlobReference[]): readonly BlobReference[] {
    const key = positionToText(target)
    if (this.#deleted.has(key)) return []
    this.#attached.set(key, [...(this.#attached.get(key) ?? []), ...attachments])
    return attachments
  }

  /** What the message refers to no longer. */
  #detach(target: Target): readonly BlobReference[] {
    const key = positionToText(target)
    const attached = this.#attached.get(key) ?? []
    this.#attached.delete(key)
    this.#deleted.add(key)
    return attached
  }

  #mark(upTo: (readonly [number, number])[]): void {
    for (const [member, lamport] of upTo) {
      this.#opened.set(member, Math.max(lamport, this.#opened.get(member) ?? 0))
    }
  }
}

type Version = Pick<EntryInfo, 'device' | 'seq'>

interface AddedEvent {
  readonly event: ChatEvent
  readonly client: number
  readonly clock: number
}

function* addedEvents(transaction: Y.Transaction, events: Y.Array<unknown>): Generator<AddedEvent> {
  for (const [client, end] of transaction.afterState) {
    const start = transaction.beforeState.get(client) ?? 0
    if (end <= start) continue
    const structs = transaction.doc.store.clients.get(client)!
    for (let index = Y.findIndexSS(structs, start); index < structs.length; index++) {
      const item = structs[index]!
      if (!(item instanceof Y.Item) || item.deleted || item.parent !== events) continue
      for (const [at, content] of item.content.getContent().entries()) {
        const event = toEvent(content)
        if (event !== undefined) yield { event, client, clock: item.id.clock + at }
      }
    }
  }
}

/** Tells by the first bytes, because a month has thousands of events and few of them are one of these. */
function isRemembered(content: unknown): boolean {
  if (!(content instanceof Uint8Array)) return false
  const [head, type] = content
  return (head === 0x82 && type === 4) || (head === 0x86 && type === 2) || (head === 0x85 && type === 5)
}

function toEvent(content: unknown): ChatEvent | undefined {
  return content instanceof Uint8Array ? bytesToEvent(content) : undefined
}
