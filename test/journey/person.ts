import type { Browser, ElementHandle, Page } from 'puppeteer-core'
import { breachesOf, openWatched, type Watched } from '../console/console-page.ts'

const blank = 'about:blank'
const patienceMs = 40_000
/** Where each picture goes, for whoever wants to look: `SHOTS=DIR` */
const shots = process.env.SHOTS

/** Somebody in front of a browser of their own, who reads what is shown and presses what is there. */
export class Person {
  readonly page: Page
  readonly #watched: Watched
  readonly #name: string

  private constructor(name: string, watched: Watched) {
    this.#name = name
    this.#watched = watched
    this.page = watched.page
  }

  /** With cookies, storage and keys of their own. */
  static async at(browser: Browser, name: string): Promise<Person> {
    const watched = await openWatched(browser)
    await watched.page.setViewport({ width: 1280, height: 800 })
    watched.page.setDefaultTimeout(patienceMs)
    return new Person(name, watched)
  }

  /** Errors of the console and of scripts, and breaches of the policy */
  get complaints(): readonly string[] {
    return this.#watched.complaints
  }

  /** Requests that went anywhere else than to this server */
  foreignTo(own: string): string[] {
    return this.#watched.foreignTo(own)
  }

  breaches(): Promise<string[]> {
    return breachesOf(this.page)
  }

  /** Begins with an empty page: a link that differs from what is shown behind its # alone would load nothing. */
  async open(link: string): Promise<void> {
    if (this.page.url() !== blank) await this.page.goto(blank)
    await this.page.goto(link)
  }

  /** Waits until the page says this. */
  async sees(words: string): Promise<void> {
    await this.#until(words => document.body?.innerText.includes(words), words, `sees ${words}`)
  }

  async seesNoMore(words: string): Promise<void> {
    await this.#until(words => !document.body.innerText.includes(words), words, `does not see ${words}`)
  }

  /**
   * Presses a button, link or choice by the words on it, or by what it says to those who cannot see it. In a dialog, if one is open.
   * It has to be at the same place in two looks: what arrives above a row moves it from under the pointer.
   */
  async press(words: string): Promise<void> {
    // Of two people at one Firefox only one has their page in front
    await this.page.bringToFront()
    const found = await this.#until(
      words => {
        const where = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body
        const all = [...where.querySelectorAll<HTMLElement>('button, a, label, [role=button]')]
        const found = all.find(one => {
          const said = one.getAttribute('aria-label') ?? one.innerText.trim()
          const isThere = one.checkVisibility() && !one.matches(':disabled')
          return isThere && said.split('\n').includes(words)
        })
        if (found === undefined) return undefined
        const { left, top } = found.getBoundingClientRect()
        const place = `${left} ${top}`
        if (found.dataset.place === place) return found
        found.dataset.place = place
        return undefined
      },
      words,
      `finds ${words} to press`
    )
    await (found as ElementHandle<HTMLElement>).click()
  }

  /** Types into the field with that label. */
  async fill(label: string, text: string): Promise<void> {
    const found = await this.#until(
      label => {
        const all = [...document.querySelectorAll<HTMLInputElement>('input, textarea')]
        return all.find(one => one.ariaLabel === label || one.labels?.[0]?.innerText.trim() === label)
      },
      label,
      `finds the field ${label}`
    )
    const field = found as ElementHandle<HTMLInputElement>
    await field.evaluate(one => one.select())
    await field.type(text)
  }

  async say(text: string): Promise<void> {
    const area = await this.page.waitForSelector('.composer-text')
    await area!.type(text)
    await this.page.keyboard.press('Enter')
  }

  /** What an element shows. */
  async read(selector: string): Promise<string> {
    return await (await this.page.waitForSelector(selector))!.evaluate(found => (found as HTMLElement).innerText.trim())
  }

  async shoot(what: string): Promise<void> {
    if (shots !== undefined) await this.page.screenshot({ path: `${shots}/${this.#name}-${what}.png` })
  }

  async leave(): Promise<void> {
    await this.#watched.close()
  }

  async #until(look: (words: string) => unknown, words: string, wish: string): Promise<unknown> {
    try {
      return await this.page.waitForFunction(look, { polling: 50, timeout: patienceMs }, words)
    } catch (cause) {
      const shown = await this.page.evaluate(() => document.body?.innerText).catch(error => String(error))
      await this.shoot('lost')
      throw new Error(`${this.#name} never ${wish}; the page says: ${shown}; complaints: ${this.complaints}`, { cause })
    }
  }
}
