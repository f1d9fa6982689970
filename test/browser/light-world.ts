import { join } from 'node:path'
import type { Browser } from 'puppeteer-core'
import { freePort } from '../harness/free-port.ts'
import { MeshProcesses } from '../harness/mesh.ts'
import { TwinProcess } from '../harness/twin.ts'
import { type BrowserName, launch } from './browsers.ts'
import type { Bundle } from './bundle.ts'
import { enrol } from './enrol.ts'
import { LightPage } from './light-page.ts'
import { servePage } from './serve-page.ts'

/** Browsers of one twin, each on an origin of its own. */
const names = ['main', 'rtc', 'relayed', 'revoked', 'lost', 'borrowed'] as const
export type PageName = (typeof names)[number]

/** Two twins that know each other, each a process, and pages that are devices of the first. */
export class LightWorld {
  readonly browser: Browser
  readonly ann: TwinProcess
  readonly ben: TwinProcess
  readonly pages = new Map<PageName, LightPage>()
  readonly numbers = new Map<PageName, number>()
  readonly urls = new Map<PageName, string>()
  readonly #closing: (() => Promise<unknown>)[]

  private constructor(browser: Browser, ann: TwinProcess, ben: TwinProcess, closing: (() => Promise<unknown>)[]) {
    this.browser = browser
    this.ann = ann
    this.ben = ben
    this.#closing = closing
  }

  static async create(browserName: BrowserName, bundle: Bundle): Promise<LightWorld> {
    const closing: (() => Promise<unknown>)[] = []
    try {
      const mesh = await MeshProcesses.create()
      closing.push(() => mesh.stop())
      const bootstrap = await mesh.addBootstrap()
      const [ben] = (await mesh.addTwins(1)) as [TwinProcess]
      const [tcp] = bootstrap.addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))
      // A twin that restarts is where it was: pages know no other place
      const ann = new TwinProcess({ home: join(mesh.folder, 'ann'), bootstrap: [tcp!], port: await freePort() })
      mesh.twins.push(ann)
      await ann.init()
      const browser = await launch(browserName)
      closing.push(() => browser.close())
      const world = new LightWorld(browser, ann, ben, closing)
      const relays = bootstrap.addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/ws\//.test(address))
      await world.#fill(bundle, relays)
      return world
    } catch (error) {
      for (const close of closing.reverse()) await close()
      throw error
    }
  }

  page(name: PageName): LightPage {
    return this.pages.get(name)!
  }

  async stop(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
  }

  async #fill(bundle: Bundle, relays: readonly string[]): Promise<void> {
    const { ann, ben } = this
    const claims = []
    for (const name of names) {
      const { url, close } = await servePage(bundle)
      this.#closing.push(close)
      this.urls.set(name, url)
      const opened = await LightPage.open(this.browser, url)
      this.pages.set(name, opened)
      claims.push(await opened.run('claim', ann.id, name === 'borrowed'))
    }
    const identities = await enrol(ann.home, claims)
    const { addresses, device } = await ann.start()
    const relayed = relays.map(relay => `${relay}/p2p-circuit/p2p/${device}`)
    const direct = addresses.filter(address => /\/(tcp\/\d+\/ws|webrtc-direct)\//.test(address))
    for (const [index, name] of names.entries()) {
      const nodes = name === 'lost' ? relayed : [...direct, ...relayed]
      await this.page(name).run('adopt', { ...identities[index]!, nodes })
      this.numbers.set(name, identities[index]!.number)
    }
    const { link } = await ann.object<{ link: string }>('invite')
    await ben.object('contacts', 'add', link, '--name', 'Ann')
    await ann.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
  }
}
