import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { MeshProcesses } from '../harness/mesh.ts'
import type { TwinProcess } from '../harness/twin.ts'
import { type BrowserName, findBrowser, launch } from './browsers.ts'
import { type Bundle, bundleForPages } from './bundle.ts'
import { enrol } from './enrol.ts'
import { LightPage } from './light-page.ts'
import { servePage } from './serve-page.ts'

interface Message {
  readonly text: string
  readonly state: string
}
interface Failure {
  readonly code: string
  readonly message: string
}

/** Browsers of one twin, each on an origin of its own. */
const names = ['main', 'rtc', 'relayed', 'revoked', 'lost', 'borrowed'] as const
type Name = (typeof names)[number]

describe('light peer', () => {
  let bundle: Bundle
  before('the page is bundled', async () => {
    bundle = await bundleForPages('test/browser/page.ts', { define: { DEBUG: '1' } })
  })

  for (const name of ['chromium', 'firefox'] as const) {
    const found = findBrowser(name)
    describe(`in ${name}`, function () {
      this.timeout(60_000)
      before(function () {
        if ('missing' in found) {
          console.log(`      not run: ${found.missing}`)
          this.skip()
        }
      })
      suite(name, () => bundle)
    })
  }
})

function suite(browserName: BrowserName, bundle: () => Bundle): void {
  let mesh: MeshProcesses
  let ann: TwinProcess
  let ben: TwinProcess
  let browser: Browser
  const pages = new Map<Name, LightPage>()
  const numbers = new Map<Name, number>()
  const urls = new Map<Name, string>()
  const closing: (() => Promise<unknown>)[] = []
  const page = (name: Name) => pages.get(name)!

  before('two twins know each other, and one has browsers among its devices', async function () {
    this.timeout(120_000)
    mesh = await MeshProcesses.create()
    closing.push(() => mesh.stop())
    const bootstrap = await mesh.addBootstrap()
    ;[ben] = (await mesh.addTwins(1)) as [TwinProcess]
    ann = mesh.newTwin()
    await ann.init()
    browser = await launch(browserName)
    closing.push(() => browser.close())
    const claims = []
    for (const name of names) {
      const { url, close } = await servePage(bundle())
      closing.push(close)
      urls.set(name, url)
      const opened = await LightPage.open(browser, url)
      pages.set(name, opened)
      claims.push(await opened.run('claim', ann.id, name === 'borrowed'))
    }
    const identities = await enrol(ann.home, claims)
    const { addresses, device } = await ann.start()
    const relays = bootstrap.addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/ws\//.test(address))
    const nodes = [
      ...addresses.filter(address => /\/127\.0\.0\.1\/(tcp\/\d+\/ws|udp)\//.test(address)),
      ...relays.map(relay => `${relay}/p2p-circuit/p2p/${device}`)
    ]
    for (const [index, name] of names.entries()) {
      await page(name).run('adopt', { ...identities[index]!, nodes })
      numbers.set(name, identities[index]!.number)
    }
    const { link } = await ann.object<{ link: string }>('invite')
    await ben.object('contacts', 'add', link, '--name', 'Ann')
    await ann.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
  })

  after(async function () {
    this.timeout(60_000)
    for (const close of closing.reverse()) await close()
  })

  for (const [name, dials, transport] of [
    ['main', '/ws', 'ws'],
    ['rtc', '/webrtc-direct', 'webrtc-direct'],
    ['relayed', '/p2p-circuit', 'relay']
  ] as const) {
    it(`connects over ${transport} and calls the twin`, async () => {
      const since = performance.now()
      expect(await page(name).run('start', dials)).equal('started')
      const { path } = await page(name).connected(transport)
      const ms = Math.round(performance.now() - since)
      const calledMs = Math.round(await page(name).run('firstCall'))
      console.log(`      ${browserName}, ${transport}: connected after ${ms} ms, a call took ${calledMs} ms`)
      expect(path).include({ state: 'connected', node: ann.started!.device })
      const devices = await page(name).call<{ number: number; role: string }[]>('devices', 'list')
      expect(devices.map(({ number }) => number)).include(numbers.get(name))
    })
  }

  it('chats both ways with a twin that is a process', async () => {
    const main = page('main')
    const benId = ben.id
    await main.until(
      () => main.call<{ id: string }[]>('chat', 'conversations'),
      found => Array.isArray(found) && found.length === 1
    )
    await main.call('chat', 'send', { who: benId, text: 'from the page' })
    await ben.eventually<Message>(['chat', 'history', 'Ann'], lines => lines.at(-1)?.text === 'from the page')
    await ben.object('chat', 'send', 'Ann', 'to the page')
    const messages = await main.until(
      () => main.call<Message[]>('chat', 'history', { who: benId }),
      found => found.at(-1)?.text === 'to the page'
    )
    expect(messages.map(({ text }) => text)).deep.equal(['from the page', 'to the page'])
    await main.until(
      () => main.call<Message[]>('chat', 'history', { who: benId }),
      found => /their-twin|opened/.test(found[0]!.state)
    )
  })

  it('says that the twin is out of reach, and why', async () => {
    const refused = await page('main').call<Failure>('contacts', 'add', { who: 'nonsense' })
    expect(refused.code).equal('InvalidArgument')
  })
}
