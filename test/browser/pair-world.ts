import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Browser } from 'puppeteer-core'
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
}

/** Two people who know each other, each with a browser of their own. */
export class PairWorld {
  readonly ann: Person
  readonly ben: Person
  readonly #closing: (() => Promise<unknown>)[]

  private constructor(ann: Person, ben: Person, closing: (() => Promise<unknown>)[]) {
    this.ann = ann
    this.ben = ben
    this.#closing = closing
  }

  static async create(browsers: readonly [BrowserName, BrowserName], bundle: Bundle): Promise<PairWorld> {
    const closing: (() => Promise<unknown>)[] = []
    try {
      const mesh = await MeshProcesses.create()
      closing.push(() => mesh.stop())
      const { addresses } = await mesh.addBootstrap()
      const people = []
      for (const [index, name] of ['ann', 'ben'].entries()) {
        const bootstrap = addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))
        const twin = new TwinProcess({ home: join(mesh.folder, name), bootstrap, port: await freePort() })
        mesh.twins.push(twin)
        await twin.init()
        people.push(await createPerson(twin, browsers[index]!, bundle, addresses, closing))
      }
      const [ann, ben] = people as [Person, Person]
      const { link } = await ann.twin.object<{ link: string }>('invite')
      await ben.twin.object('contacts', 'add', link, '--name', 'Ann')
      await ann.twin.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
      await ann.twin.object('contacts', 'rename', ben.twin.id, 'Ben')
      return new PairWorld(ann, ben, closing)
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
  bootstrap: readonly string[],
  closing: (() => Promise<unknown>)[]
): Promise<Person> {
  const served = await servePage(bundle)
  closing.push(served.close)
  const browser = await launch(browserName)
  closing.push(() => browser.close())
  const page = await LightPage.open(browser, served.url)
  const [identity] = await enrol(twin.home, [await page.run('claim', twin.id)])
  const { addresses, device } = await twin.start()
  const relays = bootstrap.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/ws\//.test(address))
  const nodes = addresses.filter(address => /\/tcp\/\d+\/ws\//.test(address))
  await page.run('adopt', {
    ...identity!,
    nodes: [...nodes, ...relays.map(relay => `${relay}/p2p-circuit/p2p/${device}`)]
  })
  return { twin, browser, page }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
