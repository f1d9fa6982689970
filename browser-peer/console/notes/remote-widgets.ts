import { WidgetType } from '@codemirror/view'
import { shownLetters } from './shown-letters.ts'

/** What somebody types away from their caret, until it is in the text. */
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
    const typed = span('remote-typed', this.#text)
    typed.classList.add(`remote-${this.#colour}`)
    typed.title = this.#name
    return typed
  }

  override ignoreEvent(): boolean {
    return true
  }
}

/**
 * The caret of somebody with what they type there, until that is in the text. It lives as long as the caret is shown, and what is typed changes
 * in it: to draw the text anew for each letter takes several times as long.
 */
export class Caret extends WidgetType {
  readonly #name: string
  readonly #colour: number
  #text = ''
  #shown: { readonly dom: HTMLElement; readonly typed: HTMLElement } | undefined

  constructor(name: string, colour: number) {
    super()
    this.#name = name
    this.#colour = colour
  }

  isOf(name: string, colour: number): boolean {
    return name === this.#name && colour === this.#colour
  }

  /** What stands at it. */
  get typed(): string {
    return this.#text
  }

  type(text: string): void {
    this.#text = shownLetters(text)
    this.#show()
  }

  /** Each has an element of its own. */
  override eq(): boolean {
    return false
  }

  override toDOM(): HTMLElement {
    const dom = span(`remote-${this.#colour}`)
    const caret = dom.appendChild(span('remote-caret'))
    caret.append(span('remote-name', this.#name))
    const typed = span('remote-typed')
    typed.title = this.#name
    this.#shown = { dom, typed }
    this.#show()
    return dom
  }

  override destroy(dom: HTMLElement): void {
    if (this.#shown?.dom === dom) this.#shown = undefined
  }

  override ignoreEvent(): boolean {
    return true
  }

  #show(): void {
    if (this.#shown === undefined) return
    const { dom, typed } = this.#shown
    if (typed.textContent !== this.#text) typed.textContent = this.#text
    if (this.#text === '') typed.remove()
    else if (typed.parentNode === null) dom.prepend(typed)
  }
}

function span(className: string, text = ''): HTMLElement {
  const element = document.createElement('span')
  element.className = className
  element.textContent = text
  return element
}
