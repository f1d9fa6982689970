import { readName } from '../../crdt/identity/index.ts'
import type { Space } from '../../crdt/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { anySignal, type CallContext, type Implementation, ProtocolError } from '../core/index.ts'
import type { profileProtocol } from './protocol.ts'

export interface ProfileComponents {
  readonly spaces: { readonly self: Space }
  /** Given with the twin when it was made, on its first device: stands on the card until another name was put there */
  readonly firstName?: string
}

interface Card {
  readonly name: string
  readonly about: string
}

// A text may have lines
const unseenInText = /[^\P{Cc}\n\t]/u

/** The owner's card, in the twin's own space, so that all devices show the same. */
export class Profile implements Implementation<typeof profileProtocol> {
  readonly #table: KeyValue
  readonly #firstName: string

  constructor({ spaces, firstName = '' }: ProfileComponents) {
    this.#table = keyValue(spaces.self, '.profile')
    this.#firstName = firstName
  }

  async start(): Promise<void> {
    if (this.#firstName === '' || (await this.#table.get('name')) !== undefined) return
    // A disk that is full stops no twin: it is put there with the next start
    await this.set({ name: this.#firstName }).catch(() => {})
  }

  async get(): Promise<Card> {
    const [name, about] = await Promise.all([this.#read('name'), this.#read('about')])
    return { name, about }
  }

  async set(change: { name?: string; about?: string }): Promise<Card> {
    const name = change.name?.trim() === '' ? '' : change.name && readName(change.name)
    if (name === undefined && change.name !== undefined) {
      throw new ProtocolError('InvalidArgument', 'A name is one line of text, with something to be seen in it')
    }
    const about = change.about?.normalize('NFC').trim()
    if (about !== undefined && (!about.isWellFormed() || unseenInText.test(about))) {
      throw new ProtocolError('InvalidArgument', 'What you say about yourself is plain text')
    }
    if (name !== undefined) await this.#write('name', name)
    if (about !== undefined) await this.#write('about', about)
    return await this.get()
  }

  async *watch(_: object, { signal }: Pick<CallContext, 'signal'>): AsyncGenerator<Card> {
    const over = new AbortController()
    const changes = this.#table.watch({}, { signal: anySignal(signal, over.signal) })[Symbol.asyncIterator]()
    try {
      let told: Card | undefined
      for (let isOver: boolean | undefined = false; isOver !== true; ) {
        // Waited for from before the card is read: what changes meanwhile is told as well
        const change = changes.next()
        const card = await this.get()
        if (card.name !== told?.name || card.about !== told.about) yield card
        told = card
        isOver = (await change).done
      }
    } finally {
      over.abort()
    }
  }

  async show(_: object, { caller }: Pick<CallContext, 'caller'>): Promise<{ name: string; about?: string }> {
    const { name, about } = await this.get()
    return caller.class === 'contact' || caller.class === 'owner' ? { name, about } : { name }
  }

  async #read(field: keyof Card): Promise<string> {
    const entry = await this.#table.get(field)
    return entry === undefined ? '' : new TextDecoder().decode(entry.value)
  }

  async #write(field: keyof Card, text: string): Promise<void> {
    await this.#table.put(field, new TextEncoder().encode(text), { kind: 'bytes' })
  }
}
