import type { OpenNote } from './open-note.ts'

/** Notes that are open in several editors at once, of this tab and of others: the device is present in each once. */
export class SharedNotes {
  readonly #open: (note: string) => Promise<OpenNote>
  readonly #notes = new Map<string, { readonly opened: Promise<OpenNote>; users: number }>()

  constructor(open: (note: string) => Promise<OpenNote>) {
    this.#open = open
  }

  /** One more editor. @throws what opening throws */
  async open(note: string): Promise<OpenNote> {
    const shared = this.#notes.get(note) ?? { opened: this.#open(note), users: 0 }
    this.#notes.set(note, shared)
    shared.users++
    try {
      const opened = await shared.opened
      let isClosed = false
      return {
        ...opened,
        close: () => {
          if (!isClosed) this.#leave(note)
          isClosed = true
        }
      }
    } catch (error) {
      this.#leave(note)
      throw error
    }
  }

  #leave(note: string): void {
    const shared = this.#notes.get(note)
    if (shared === undefined || --shared.users > 0) return
    this.#notes.delete(note)
    shared.opened.then(
      opened => opened.close(),
      () => {}
    )
  }
}
