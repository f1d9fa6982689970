import type { Browser, BrowserContext, ElementHandle, Page } from 'puppeteer-core'

const patienceMs = 40_000
/** Where each picture goes, for whoever wants to look: `SHOTS=DIR` */
const shots = process.env.SHOTS

/** Somebody in front of a browser of their own, who reads what is shown and presses what is there. */
export class Person {
  readonly page: Page
  /** Errors of scripts, and of the browser's own console */
  readonly complaints: string[] = []
  readonly #context: BrowserContext
  readonly #name: string

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.#name = name
    this.#context = context
    this.page = page
    page.on('pageerror', error => this.complaints.push(String(error)))
    page.on('console', message => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
  }

  /** With cookies, storage and keys of their own. */
  static async at(browser: Browser, name: string): Promise<Person> {
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    await page.setViewport({ width: 1280, height: 800 })
    page.setDefaultTimeout(patienceMs)
    return new Person(name, context, page)
  }

  async open(link: string): Promise<void> {
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
    const found = await this.#until(
      words => {
        const where = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body
        const all = [...where.querySelectorAll<HTMLElement>('button, a, [role=button]')]
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
    await this.#context.close()
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
