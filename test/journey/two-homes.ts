import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'puppeteer-core'
import { pairingLinkToText, textToPairingLink } from '../../protocols/pairing/index.ts'
import { type BrowserName, sharedBrowsers } from '../browser/browsers.ts'
import { freePort } from '../harness/free-port.ts'
import { inParallel, MeshProcesses } from '../harness/mesh.ts'
import { TwinProcess } from '../harness/twin.ts'
import { projectRoot } from '../project.ts'
import type { Person } from './person.ts'

/** Somebody in front of the console of their twin, who knows the other one. */
export interface ConsoleHome {
  readonly twin: TwinProcess
  readonly friend: TwinProcess
  readonly friendName: string
  readonly mine: Person
  /** What the browser called itself */
  readonly name: string
  /** One of the other make, for whoever comes */
  readonly browser: Browser
  readonly start: (twin: TwinProcess) => Promise<void>
}

export const people = ['Ada', 'Marie'] as const
/** What a browser calls itself */
export const agents = { chromium: 'Chrome on Linux', firefox: 'Firefox on Linux' } as const
/** Twins whose links can be told that their time is over */
const env = { NODE_OPTIONS: `--import=${pathToFileURL(join(projectRoot, 'test/harness/leap.mjs')).href}` }

/** Two twins that are contacts, each a process, and both browsers. */
export class TwoHomes {
  readonly twins: readonly TwinProcess[]
  readonly browsers: ReadonlyMap<BrowserName, Browser>
  readonly #mesh: MeshProcesses
  readonly #options: readonly string[]

  private constructor(mesh: MeshProcesses, browsers: ReadonlyMap<BrowserName, Browser>, options: readonly string[]) {
    this.#mesh = mesh
    this.#options = options
    this.twins = mesh.twins
    this.browsers = browsers
  }

  /** @param options of `twin start` */
  static async open(names: readonly BrowserName[], options: readonly string[]): Promise<TwoHomes> {
    const mesh = await MeshProcesses.create()
    const browsers = new Map<BrowserName, Browser>()
    const { addresses } = await mesh.addBootstrap()
    const bootstrap = addresses.filter(address => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))
    for (const name of people) {
      const twin = new TwinProcess({ home: join(mesh.folder, name), bootstrap, port: await freePort(), env })
      mesh.twins.push(twin)
      await twin.object('init', '--name', name)
    }
    await inParallel(mesh.twins, 2, twin => twin.start(...options))
    for (const name of names) browsers.set(name, await sharedBrowsers[name].take())
    const [ada, marie] = mesh.twins
    const { link } = await ada!.object<{ link: string }>('invite')
    await marie!.object('contacts', 'add', link, '--name', 'Ada')
    await ada!.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
    await ada!.object('contacts', 'rename', marie!.id, 'Marie')
    return new TwoHomes(mesh, browsers, options)
  }

  /** As it was started at first, unless it runs. */
  async start(twin: TwinProcess): Promise<void> {
    if (!twin.isRunning) await twin.start(...this.#options)
  }

  /** Of one of both people, at the console in their own browser. */
  consoleOf(at: number, mine: Person): ConsoleHome {
    const [own, other] = [...this.browsers]
    const [name] = (at === 0 ? own : other)!
    const [, browser] = (at === 0 ? other : own)!
    return {
      twin: this.twins[at]!,
      friend: this.twins[1 - at]!,
      friendName: people[1 - at]!,
      mine,
      name: agents[name],
      browser,
      start: twin => this.start(twin)
    }
  }

  async close(): Promise<void> {
    for (const name of this.browsers.keys()) await sharedBrowsers[name].leave()
    await this.#mesh.stop()
  }
}

/** On the trusted side, until the link is there. */
export async function offerLink(trusted: Person): Promise<string> {
  await trusted.press('Devices')
  await trusted.press('Add a device')
  await trusted.press('Read and write')
  return await trusted.read('dialog .copyable code')
}

/** On the new side: opens a link and presses the one button. */
export async function comeWith(link: string, person: Person, name: string): Promise<void> {
  await person.open(link)
  await person.fill('Name of this device', name)
  await person.press('Connect this browser')
}

/** The whole of a pairing, as it goes well. Answers the link. */
export async function pair(trusted: Person, guest: Person, name: string): Promise<string> {
  const link = await offerLink(trusted)
  await comeWith(link, guest, name)
  await letIn(trusted, guest, name)
  return link
}

/** Types the digits that the guest shows. */
export async function letIn(trusted: Person, guest: Person, name: string): Promise<void> {
  await trusted.sees('Type the six digits')
  await trusted.fill('Six digits', (await guest.read('.code-big')).replace(' ', ''))
  await trusted.press('Let it in')
  await trusted.sees(`${name} is yours now`)
  await trusted.press('Done')
  await guest.sees('Notes to yourself')
}

/** The same link, whose time is over. */
export function expired(link: string): string {
  return pairingLinkToText({ ...textToPairingLink(link, 0), expiresAt: Date.now() - 1000 }, link)
}
