import type * as Y from 'yjs'
import type { Crypto } from '../../crdt/crypto/index.ts'
import type { Space } from '../../crdt/index.ts'
import { type CallContext, type Implementation, ProtocolError } from '../core/index.ts'
import { refusing } from '../refusing.ts'
import { documentOf, textOf } from './document-kind.ts'
import { countNotes, listNotes, noteIn, notesLike } from './list-notes.ts'
import { newNoteId } from './note-id.ts'
import { Notebooks, type NotebooksComponents } from './notebooks.ts'
import { maxNoteLength, maxNotes, maxReadLength, type Note, type Notebook, type notesProtocol } from './protocol.ts'
import { rewrite } from './rewrite.ts'
import { watchNotes } from './watch-notes.ts'

export interface NotesComponents extends NotebooksComponents {
  readonly crypto: Pick<Crypto, 'randomBytes'>
}

interface Found {
  readonly space: Space
  readonly id: string
}

/** Notes in notebooks. Lists come from the index; only what is read or written as text is loaded. */
export class Notes implements Implementation<typeof notesProtocol> {
  readonly #notebooks: Notebooks
  readonly #crypto: Pick<Crypto, 'randomBytes'>

  constructor(components: NotesComponents) {
    this.#notebooks = new Notebooks(components)
    this.#crypto = components.crypto
  }

  async *notebooks(): AsyncGenerator<Notebook> {
    for (const space of this.#notebooks.open()) yield await this.#describe(space)
  }

  async createNotebook({ name }: { name: string }): Promise<Notebook> {
    return this.#describe(await this.#notebooks.create(name))
  }

  async renameNotebook({ notebook, name }: { notebook: string; name: string }): Promise<Notebook> {
    return this.#describe(await this.#notebooks.rename(notebook, name))
  }

  async share({ notebook, who }: { notebook: string; who: string }): Promise<Notebook> {
    return this.#describe(await this.#notebooks.share(notebook, who))
  }

  async *members({ notebook }: { notebook: string }) {
    yield* this.#notebooks.membersOf(this.#notebooks.find(notebook))
  }

  async *offers() {
    yield* this.#notebooks.offers()
  }

  async accept({ notebook }: { notebook: string }): Promise<Notebook> {
    return this.#describe(await this.#notebooks.accept(notebook))
  }

  async decline({ notebook }: { notebook: string }): Promise<{ id: string }> {
    return { id: (await this.#notebooks.decline(notebook)).text }
  }

  async *list({ notebook }: { notebook?: string }, { signal }: Pick<CallContext, 'signal'>): AsyncGenerator<Note> {
    for (const space of this.#spaces(notebook)) {
      for (const note of await listNotes(space)) {
        if (signal.aborted) return
        yield note
      }
    }
  }

  async create({ text, notebook }: { text: string; notebook?: string }): Promise<Note> {
    checkText(text)
    const space = notebook === undefined ? await this.#notebooks.default() : this.#notebooks.find(notebook)
    if ((await countNotes(space)) >= maxNotes) {
      throw new ProtocolError('ResourceExhausted', `A notebook has at most ${maxNotes.toLocaleString('en')} notes`)
    }
    const id = newNoteId(this.#crypto.randomBytes(10))
    return await this.#edit({ space, id }, target => target.insert(0, text))
  }

  async read({ note }: { note: string }): Promise<Note & { text: string }> {
    const { space, id } = await this.#find(note)
    const text = await refusing(space.read(documentOf(id), doc => textOf(doc).toString()))
    if (text.length > maxReadLength) {
      throw new ProtocolError(
        'ResourceExhausted',
        'Several made this note too long to be read here, shorten it in an editor'
      )
    }
    return { ...(await this.#note({ space, id })), text }
  }

  async append({ note, text }: { note: string; text: string }): Promise<Note> {
    checkText(text)
    return await this.#edit(await this.#find(note), target => {
      checkRoom(target.length + text.length)
      target.insert(target.length, text)
    })
  }

  async replace(request: { note: string; at: number; length: number; text: string; expected?: string }): Promise<Note> {
    const { note, at, length, text, expected } = request
    checkText(text)
    return await this.#edit(await this.#find(note), target => {
      if (at + length > target.length) {
        throw new ProtocolError('FailedPrecondition', `The note ends before this range, at ${target.length}`)
      }
      const there = target.toString().slice(at, at + length)
      if (expected !== undefined && there !== expected) {
        throw new ProtocolError(
          'FailedPrecondition',
          'Another text stands in this range than was expected, read it again'
        )
      }
      checkRoom(target.length - length + text.length, target.length)
      rewrite(target, at, there, text)
    })
  }

  async write({ note, text }: { note: string; text: string }): Promise<Note> {
    checkText(text)
    return await this.#edit(await this.#find(note), target => rewrite(target, 0, target.toString(), text))
  }

  async delete({ note }: { note: string }): Promise<{ id: string }> {
    const { space, id } = await this.#find(note)
    await refusing(
      space.write(documentOf(id), doc => {
        const text = textOf(doc)
        text.delete(0, text.length)
      })
    )
    return { id }
  }

  watch({ notebook }: { notebook?: string }, { signal }: Pick<CallContext, 'signal'>) {
    const one = notebook === undefined ? undefined : this.#notebooks.find(notebook)
    const spaces = () => (one === undefined ? this.#notebooks.open() : [one])
    return watchNotes(spaces, listener => this.#notebooks.on(listener), signal)
  }

  #spaces(notebook: string | undefined): Space[] {
    return notebook === undefined ? this.#notebooks.open() : [this.#notebooks.find(notebook)]
  }

  async #edit({ space, id }: Found, edit: (text: Y.Text) => void): Promise<Note> {
    await refusing(space.write(documentOf(id), doc => edit(textOf(doc))))
    return await this.#note({ space, id })
  }

  async #note({ space, id }: Found): Promise<Note> {
    return (await noteIn(space, id)) ?? { id, notebook: space.text, title: '', size: 0 }
  }

  async #describe(space: Space): Promise<Notebook> {
    const writable = space.mayWrite(documentOf('0'.repeat(16)))
    return this.#notebooks.describe(space, await countNotes(space), writable)
  }

  async #find(note: string): Promise<Found> {
    const found: Found[] = []
    for (const space of this.#notebooks.open()) {
      for (const id of await notesLike(space, note)) found.push({ space, id })
    }
    const [first] = found
    if (first === undefined) throw new ProtocolError('NotFound', 'No note has this id')
    if (found.length === 1) return first
    throw new ProtocolError('FailedPrecondition', 'Several notes have an id that begins like this, name more of it')
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed()) throw new ProtocolError('InvalidArgument', 'A note is well-formed text')
}

/** A note that several wrote at once may be too long already; then it may only get shorter. */
function checkRoom(length: number, before = 0): void {
  if (length <= Math.max(maxNoteLength, before - 1)) return
  const most = maxNoteLength.toLocaleString('en')
  throw new ProtocolError('ResourceExhausted', `A note has at most ${most} characters: write on in another`)
}
