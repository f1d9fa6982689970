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

/** A twin that is a process, and a browser of its owner. */
export interface Person {
  readonly twin: TwinProcess
  readonly browser: Browser
  readonly page: LightPage
  /** Addresses of the twin that the page was told of */
  readonly nodes: readonly string[]
}

/** Two people who know each other, each with a browser of their own. */
export class PairWorld {
  readonly ann: Person
  readonly ben: Person
  /** Where pages take a place */
  readonly relay: string
  readonly #closing: (() => Promise<unknown>)[]

  private constructor(ann: Person, ben: Person, relay: string, closing: (() => Promise<unknown>)[]) {
    this.ann = ann
    this.relay = relay
    this.ben = ben
    this.#closing = closing
  }

  static async create(
    browsers: readonly [BrowserName, BrowserName],
    bundle: Bundle,
    { hasWebrtc = false } = {}
  ): Promise<PairWorld> {
    const closing: (() => Promise<unknown>)[] = []
    try {
      const mesh = await MeshProcesses.create()
      closing.push(() => mesh.stop())
      const { addresses } = await mesh.addBootstrap()
      const relays = addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/ws\//.test(address))
      const bootstrap = addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))
      const people = await Promise.all(
        ['ann', 'ben'].map(async (name, index) => {
          const twin = new TwinProcess({ home: join(mesh.folder, name), bootstrap, port: await freePort() })
          mesh.twins.push(twin)
          await twin.init()
          return createPerson(twin, browsers[index]!, bundle, relays, hasWebrtc, closing)
        })
      )
      const [ann, ben] = people as [Person, Person]
      const { link } = await ann.twin.object<{ link: string }>('invite')
      await ben.twin.object('contacts', 'add', link, '--name', 'Ann')
      await ann.twin.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
      await ann.twin.object('contacts', 'rename', ben.twin.id, 'Ben')
      return new PairWorld(ann, ben, relays[0]!, closing)
    } catch (error) {
      for (const close of closing.reverse()) await close()
      throw error
    }
  }

  async stop(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
  }
}

async function createPerson(
  twin: TwinProcess,
  browserName: BrowserName,
  bundle: Bundle,
  relays: readonly string[],
  hasWebrtc: boolean,
  closing: (() => Promise<unknown>)[]
): Promise<Person> {
  const served = await servePage(bundle)
  closing.push(served.close)
  const browser = await launch(browserName)
  closing.push(() => browser.close())
  const page = await LightPage.open(browser.defaultBrowserContext(), served.url)
  const [identity] = await enrol(twin.home, [await page.run('claim', twin.id)])
  const { addresses, device } = await twin.start()
  const direct = addresses.filter(address => /\/tcp\/\d+\/ws\//.test(address))
  const webrtc = addresses.filter(
    address => hasWebrtc && address.includes('/127.0.0.1/') && /webrtc-direct/.test(address)
  )
  const nodes = [...direct, ...webrtc, ...relays.map(relay => `${relay}/p2p-circuit/p2p/${device}`)]
  await page.run('adopt', { ...identity!, nodes })
  return { twin, browser, page, nodes }
}
