import { join } from 'node:path'
import type { BrowserContext } from 'puppeteer-core'
import { freePort } from '../harness/free-port.ts'
import { MeshProcesses, portOf } from '../harness/mesh.ts'
import { OnlyWay } from '../harness/only-way.ts'
import { OuterAddress } from '../harness/outer-address.ts'
import { TwinProcess } from '../harness/twin.ts'
import { type BrowserName, launch, sharedBrowsers } from './browsers.ts'
import type { Bundle } from './bundle.ts'
import { enrol } from './enrol.ts'
import { LightPage } from './light-page.ts'
import { servePage } from './serve-page.ts'

/** Devices in a browser, each on an origin of its own; `relayed` in one that reaches the relay and nothing else. */
const names = ['main', 'rtc', 'relayed', 'revoked', 'lost', 'borrowed'] as const
/** `elsewhere`: in the first browser, a device of the second twin */
export type PageName = (typeof names)[number] | 'elsewhere'

/** A twin that is a process, and pages that are devices of it. */
export interface LightHome {
  readonly twin: TwinProcess
  readonly pages: Map<PageName, LightPage>
  readonly numbers: ReadonlyMap<PageName, number>
  readonly urls: ReadonlyMap<PageName, string>
  /** What `relayed` reaches others through */
  readonly onlyWay: OnlyWay
  /** A NAT between `main` and the STUN server of the relay */
  readonly outer: OuterAddress
}

/** Two twins that know each other: the pages of Ann are in the first browser, those of Ben in the second, and one in the first. */
export class LightWorld {
  readonly homes: readonly [LightHome, LightHome]
  readonly mesh: MeshProcesses
  readonly #closing: (() => Promise<unknown>)[]

  private constructor(
    homes: readonly [LightHome, LightHome],
    mesh: MeshProcesses,
    closing: (() => Promise<unknown>)[]
  ) {
    this.homes = homes
    this.mesh = mesh
    this.#closing = closing
  }

  static async create(browsers: readonly [BrowserName, BrowserName], bundle: Bundle): Promise<LightWorld> {
    const closing: (() => Promise<unknown>)[] = []
    try {
      const mesh = await MeshProcesses.create()
      closing.push(() => mesh.stop())
      const { addresses } = await mesh.addBootstrap()
      const bootstrap = addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))
      const make = async (name: string, where: readonly BrowserName[]) => {
        // A twin that restarts is where it was: pages know no other place
        const twin = new TwinProcess({ home: join(mesh.folder, name), bootstrap, port: await freePort() })
        mesh.twins.push(twin)
        await twin.init()
        return await fill(twin, where, bundle, addresses, closing)
      }
      const [ann, ben] = await Promise.all([make('ann', [browsers[0]]), make('ben', [browsers[1], browsers[0]])])
      const { link } = await ann.twin.object<{ link: string }>('invite')
      await ben.twin.object('contacts', 'add', link, '--name', 'Ann')
      await ann.twin.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
      await ann.twin.object('contacts', 'rename', ben.twin.id, 'Ben')
      return new LightWorld([ann, ben], mesh, closing)
    } catch (error) {
      for (const close of closing.reverse()) await close()
      throw error
    }
  }

  async stop(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
  }
}

async function fill(
  twin: TwinProcess,
  [browser, other]: readonly BrowserName[],
  bundle: Bundle,
  bootstrap: readonly string[],
  closing: (() => Promise<unknown>)[]
): Promise<LightHome> {
  const relays = bootstrap.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/ws\//.test(address))
  // Browsers do not ask on loopback
  const away = bootstrap.find(address => /^\/ip4\/(?!127\.)[\d.]+\/tcp\/\d+\/p2p\//.test(address)) ?? ''
  const outer = await OuterAddress.before(Number(portOf(away)))
  closing.push(async () => outer.stop())
  const context = await openContext(browser!, closing)
  const reached = new Set(relays.map(relay => Number(portOf(relay))))
  const onlyWay = await OnlyWay.create(reached)
  closing.push(() => onlyWay.stop())
  const behind = await launch(browser!, { onlyWay: onlyWay.port })
  closing.push(() => behind.close())
  const relayedContext = await behind.createBrowserContext()
  const places: [PageName, BrowserContext][] = names.map(name => [name, name === 'relayed' ? relayedContext : context])
  if (other !== undefined) places.push(['elsewhere', await openContext(other, closing)])
  const pages = new Map<PageName, LightPage>()
  const urls = new Map<PageName, string>()
  const claims = []
  for (const [name, at] of places) {
    const { url, close } = await servePage(bundle)
    closing.push(close)
    urls.set(name, url)
    if (name === 'relayed') reached.add(Number(new URL(url).port))
    const opened = await LightPage.open(at, url)
    pages.set(name, opened)
    claims.push(await opened.run('claim', twin.id, name === 'borrowed'))
  }
  const identities = await enrol(twin.home, claims)
  const { addresses, device } = await twin.start()
  const relayed = relays.map(relay => `${relay}/p2p-circuit/p2p/${device}`)
  const asked = `${away.replace(/\/tcp\/\d+/, `/tcp/${outer.port}`)}/p2p-circuit/p2p/${device}`
  const direct = addresses.filter(address => /\/(tcp\/\d+\/ws|webrtc-direct)\//.test(address))
  const numbers = new Map<PageName, number>()
  for (const [index, [name]] of places.entries()) {
    const nodes = name === 'lost' ? relayed : [...direct, ...relayed, ...(name === 'main' ? [asked] : [])]
    await pages.get(name)!.run('adopt', { ...identities[index]!, nodes })
    numbers.set(name, identities[index]!.number)
  }
  return { twin, pages, numbers, urls, onlyWay, outer }
}

async function openContext(name: BrowserName, closing: (() => Promise<unknown>)[]): Promise<BrowserContext> {
  const context = await (await sharedBrowsers[name].take()).createBrowserContext()
  closing.push(async () => {
    await context.close()
    await sharedBrowsers[name].leave()
  })
  return context
}
