import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { MeshProcesses } from '../harness/mesh.ts'
import { TwinProcess } from '../harness/twin.ts'
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
    const [tcp] = bootstrap.addresses.filter(address => /\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))
    // A twin that restarts is where it was: pages know no other place
    ann = new TwinProcess({ home: join(mesh.folder, 'ann'), bootstrap: [tcp!], port: await freePort() })
    mesh.twins.push(ann)
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
      ...addresses.filter(address => /\/(tcp\/\d+\/ws|webrtc-direct)\//.test(address)),
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
    ['main', '^(?!.*p2p-circuit).*/ws/', 'ws'],
    ['rtc', '/webrtc-direct/', 'webrtc-direct'],
    ['relayed', '/p2p-circuit/p2p/[^/]+$', 'relay']
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

  it('is edited offline and merges, when the twin is back', async () => {
    const main = page('main')
    await ann.stop()
    await main.until(
      () => main.run('state'),
      ({ path }) => path?.state !== 'connected'
    )
    await main.run('cut', true)
    const refused = await main.until(
      () => main.call<Failure>('contacts', 'list'),
      ({ code }) => code === 'Unavailable'
    )
    expect(refused.message).match(/twin cannot be reached/)
    await ann.start()
    await ann.object('kv', 'put', 'twin', 'wrote this')
    const { unsynced: before } = await main.run('state')
    await main.call('kv', 'put', { key: 'page', value: 'wrote this' })
    await main.call('chat', 'send', { who: ben.id, text: 'written offline' })
    const { unsynced } = await main.run('state')
    expect(unsynced).above(before!)
    expect(await main.call<Failure>('kv', 'get', { key: 'twin' })).include({ code: 'NotFound' })
    await main.run('cut', false)
    await ann.eventually<{ key: string }>(['kv', 'list'], lines => lines.length === 2)
    await main.until(
      () => main.call<{ key: string }[]>('kv', 'list'),
      found => found.length === 2
    )
    await ben.eventually<Message>(['chat', 'history', 'Ann'], lines => lines.at(-1)?.text === 'written offline')
    await main.until(
      () => main.run('state'),
      state => state.unsynced === 0
    )
  })

  it('finds the twin again when it restarts', async () => {
    await ann.stop()
    await ann.start()
    const { path } = await page('rtc').connected()
    expect(path).include({ state: 'connected' })
    await page('main').connected()
  })

  it('is one peer for two tabs, and the second goes on when the first is closed', async () => {
    const first = page('main')
    const second = await LightPage.open(browser, urls.get('main')!)
    expect(await second.run('start')).equal('started')
    expect([(await first.run('state')).isLeading, (await second.run('state')).isLeading]).deep.equal([true, false])
    const values = () => second.call<{ key: string }[]>('kv', 'list')
    expect((await values()).map(({ key }) => key)).deep.equal(['page', 'twin'])
    expect((await second.call<{ id: string }[]>('contacts', 'list'))[0]?.id).equal(ben.id)
    await second.connected()
    await first.close()
    await second.until(
      () => second.run('state'),
      ({ isLeading }) => isLeading === true
    )
    expect((await values()).map(({ key }) => key)).deep.equal(['page', 'twin'])
    await second.connected()
    expect((await second.call<{ id: string }[]>('contacts', 'list'))[0]?.id).equal(ben.id)
    pages.set('main', second)
  })

  it('says that what it kept is gone, whichever part, and begins no history anew', async () => {
    const lost = page('lost')
    expect(await lost.run('start')).equal('started')
    await lost.connected()
    await lost.call('kv', 'put', { key: 'lost', value: 1 })
    await lost.until(
      () => lost.run('state'),
      ({ unsynced }) => unsynced === 0
    )
    const { device } = await lost.run('state')
    await lost.run('stop')
    await lost.run('wipe', 'twinmesh-')
    expect(await lost.run('start')).equal('storage-lost')
    await lost.run('stop')
    expect(await lost.run('reopen')).equal('storage-lost')
    const fresh = await lost.run('claim', ann.id, false, true)
    expect(fresh.keys.transport).not.deep.equal([])
    expect(await lost.run('peer')).not.equal(device)
  })

  it('notices that its storage is removed while it runs', async () => {
    const relayed = page('relayed')
    await relayed.run('wipe', 'twinmesh')
    const { events } = await relayed.until(
      () => relayed.run('state'),
      state => state.events.includes('storage-lost')
    )
    expect(events).include('storage-lost')
    await relayed.run('stop')
    expect(await relayed.run('reopen')).equal('storage-lost')
  })

  it('leaves nothing on a borrowed machine', async () => {
    const borrowed = page('borrowed')
    expect(await borrowed.run('start')).equal('started')
    await borrowed.connected()
    await borrowed.call('profile', 'set', { name: 'Ann' })
    const values = await borrowed.call<{ key: string }[]>('kv', 'list')
    expect(values.map(({ key }) => key)).include('twin')
    expect(await borrowed.run('kept')).deep.equal([])
    await borrowed.run('stop')
    expect(await borrowed.run('kept')).deep.equal([])
  })

  it('is out once it is revoked', async () => {
    const revoked = page('revoked')
    expect(await revoked.run('start')).equal('started')
    await revoked.connected()
    await revoked.until(
      () => revoked.call<{ key: string }[]>('kv', 'list'),
      found => Array.isArray(found) && found.length > 1
    )
    await ann.object('devices', 'revoke', String(numbers.get('revoked')))
    await revoked.until(
      () => revoked.run('state'),
      ({ path }) => path?.state !== 'connected'
    )
    await ann.object('kv', 'put', 'secret', 'for the others')
    const main = page('main')
    await main.until(
      () => main.call<{ key: string }[]>('kv', 'list'),
      found => found.some(({ key }) => key === 'secret')
    )
    await revoked.until(
      () => revoked.call<Failure>('contacts', 'list'),
      ({ code }) => code === 'Unavailable'
    )
    expect(await revoked.call<Failure>('kv', 'get', { key: 'secret' })).include({ code: 'NotFound' })
    console.log((await revoked.run('state')).events.join())
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
