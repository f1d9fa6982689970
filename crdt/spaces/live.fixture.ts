import * as Y from 'yjs'
import type { DocumentKind } from '../documents/index.ts'
import type { LiveText } from './live-text.ts'
import { diaryKind } from './replicas.fixture.ts'

export const sheet = 'sheet/a'
const maxLength = 1000

/** A plain text with a row of its length, as notes are. */
export const sheetKind: DocumentKind = {
  kind: 'sheet',
  spaces: ['self', 'shared'],
  roots: { t: 'plain' },
  isProjectedFromState: true,
  spansEntries: true,
  writer: () => 'members',
  refuses: ({ doc, beforeState, afterState }) => {
    const client = doc.clientID
    const [before, after] = [beforeState.get(client) ?? 0, afterState.get(client) ?? 0]
    if (after <= before) return undefined
    const structs = doc.store.clients.get(client)!.slice(Y.findIndexSS(doc.store.clients.get(client)!, before))
    if (structs.some(item => item instanceof Y.Item && item.content instanceof Y.ContentFormat)) return 'No formats'
    return doc.getText('t').length > maxLength ? 'Too long' : undefined
  },
  project: (doc, document) => () => [{ key: document, value: Uint8Array.of(doc.getText('t').length % 256) }]
}

export const liveKinds = { kinds: [sheetKind, diaryKind] }

/** What an editor does: shows a text and, when it is handed another, that. */
export class Editor {
  readonly live: LiveText
  readonly refusals: string[] = []
  shown: string
  replaced = 0
  #unobserve = () => {}

  constructor(live: LiveText) {
    this.live = live
    this.shown = live.text.toString()
    this.#observe()
    live.on('refused', ({ reason }) => this.refusals.push(reason))
    live.on('text', () => {
      this.replaced++
      this.#unobserve()
      this.shown = live.text.toString()
      this.#observe()
    })
  }

  /** One transaction with the editor as its origin, as y-codemirror makes them. */
  type(at: number, text: string, remove = 0): void {
    const { text: target } = this.live
    target.doc!.transact(() => {
      if (remove > 0) target.delete(at, remove)
      if (text !== '') target.insert(at, text)
    }, this)
    this.shown = this.shown.slice(0, at) + text + this.shown.slice(at + remove)
  }

  /** At the end. */
  add(text: string): void {
    this.type(this.live.text.length, text)
  }

  #observe(): void {
    const { text } = this.live
    const observer = ({ delta }: Y.YTextEvent, { origin }: Y.Transaction) => {
      if (origin === this) return
      let at = 0
      for (const { retain = 0, insert = '', delete: gone = 0 } of delta) {
        at += retain
        this.shown = this.shown.slice(0, at) + insert + this.shown.slice(at + gone)
        at += String(insert).length
      }
    }
    text.observe(observer)
    this.#unobserve = () => text.unobserve(observer)
  }
}

/** Resolves when the editors show the same as their texts and each other. */
export async function same(...editors: readonly Editor[]): Promise<string> {
  const [one] = editors
  while (!editors.every(({ live }) => live.text.toString() === one!.live.text.toString())) {
    await new Promise(resolve => setTimeout(resolve))
  }
  for (const { shown, live } of editors) if (shown !== live.text.toString()) throw new Error(`Shown: ${shown}`)
  return one!.shown
}

/** What a person sees: the text, and in it what others type and has not arrived. */
export function onScreen(live: LiveText): string {
  let shown = live.text.toString()
  for (const client of live.awareness.getStates().keys()) {
    for (const { index, text } of live.typedBy(client)) shown = shown.slice(0, index) + text + shown.slice(index)
  }
  return shown
}
