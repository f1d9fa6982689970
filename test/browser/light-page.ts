import type { BrowserContext, Page } from 'puppeteer-core'
import type { Light } from './page.ts'

type Answer<K extends keyof Light> = Awaited<ReturnType<Light[K]>>

const timeoutMs = 20_000
/** Between two looks at a page, in ms: one that is asked all the time has none left for what is waited for */
const lookEveryMs = 25

const ofConnections = /ICE failed|connection to ws|establish a connection/

/** A tab with the page of the specs in it. */
export class LightPage {
  readonly page: Page
  readonly errors: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', error => this.errors.push(String(error)))
    page.on('console', message => {
      if (message.type() === 'error') this.errors.push(message.text())
    })
  }

  static async open(context: BrowserContext, url: string): Promise<LightPage> {
    const opened = new LightPage(await context.newPage())
    await opened.page.goto(url)
    await opened.ready()
    return opened
  }

  async ready(): Promise<void> {
    await this.page.waitForFunction(() => 'light' in globalThis, { timeout: timeoutMs })
  }

  /** Runs a function of the page. */
  async run<K extends keyof Light>(name: K, ...args: Parameters<Light[K]>): Promise<Answer<K>> {
    const answer: unknown = await this.page.evaluate(
      (method, given) => {
        // The names and arguments were checked where this was called
        const light = globalThis.light as unknown as Record<string, (...args: unknown[]) => unknown>
        return light[method]!(...given)
      },
      name,
      args as unknown[]
    )
    return answer as Answer<K>
  }

  call<T>(name: string, method: string, request: object = {}): Promise<T> {
    return this.run('call', name, method, request) as Promise<T>
  }

  /** Asks until the answer is accepted. */
  async until<T>(ask: () => Promise<T>, accept: (answer: T) => boolean): Promise<T> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const answer = await ask()
      if (accept(answer)) return answer
      if (Date.now() > deadline) {
        throw new Error(`Not in ${timeoutMs} ms; last ${JSON.stringify(answer)}; errors ${this.errors.join('; ')}`)
      }
      await new Promise(resolve => setTimeout(resolve, lookEveryMs))
    }
  }

  /** Takes a notebook that somebody shares, and asks again when the answer was lost on its way. */
  async accepts(name: string): Promise<void> {
    const take = () => this.call<{ name?: string }>('notes', 'accept', { notebook: name })
    await this.until(take, taken => taken.name === name)
  }

  /** Resolves once the page is connected with the twin, by any path or by a given one. */
  connected(transport?: string): Promise<Answer<'state'>> {
    // A relayed path may have become a better one by now
    const isThere = ({ path, transports }: Answer<'state'>) =>
      path?.state === 'connected' && (transport === undefined || transports.includes(transport))
    return this.until(() => this.run('state'), isThere)
  }

  /** What its scripts threw, without the first errors. What a browser says of connections that fail or are given up is expected. */
  thrown(without = 0): string[] {
    const errors = this.errors.slice(without)
    return errors.filter(error => /^(Uncaught|\w*Error\b)/.test(error) && !ofConnections.test(error))
  }

  async close(): Promise<void> {
    if (!this.page.isClosed()) await this.page.close()
  }
}
