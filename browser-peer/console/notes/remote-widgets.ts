import { WidgetType } from '@codemirror/view'
import { shownLetters } from './shown-letters.ts'

/** What somebody types, until it is in the text. */
export class Typed extends WidgetType {
  readonly #text: string
  readonly #name: string
  readonly #colour: number

  constructor(text: string, name: string, colour: number) {
    super()
    this.#text = shownLetters(text)
    this.#name = name
    this.#colour = colour
  }

  override eq(other: Typed): boolean {
    return other.#text === this.#text && other.#name === this.#name && other.#colour === this.#colour
  }

  override toDOM(): HTMLElement {
    const typed = document.createElement('span')
    typed.className = `remote-typed remote-${this.#colour}`
    typed.title = this.#name
    typed.textContent = this.#text
    return typed
  }

  override ignoreEvent(): boolean {
    return true
  }
}

export class Caret extends WidgetType {
  readonly #name: string
  readonly #colour: number

  constructor(name: string, colour: number) {
    super()
    this.#name = name
    this.#colour = colour
  }

  override eq(other: Caret): boolean {
    return other.#name === this.#name && other.#colour === this.#colour
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement('span')
    caret.className = `remote-caret remote-${this.#colour}`
    const label = document.createElement('span')
    label.className = 'remote-name'
    label.textContent = this.#name
    caret.append(label)
    return caret
  }

  override ignoreEvent(): boolean {
    return true
  }
}
