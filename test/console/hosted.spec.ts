import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { readConsoleFiles } from '../../node/console/console-files.ts'
import { securityHeaders } from '../../node/console/security-headers.ts'
import type { DeviceItem } from '../../protocols/devices/protocol.ts'
import { launch } from '../browser/browsers.ts'
import { fromElsewhere } from '../harness/elsewhere.ts'
import { Program } from '../harness/program.ts'
import { StaticHost } from '../harness/static-host.ts'
import { TwinProcess, temporaryFolder, twinFile } from '../harness/twin.ts'
import { Person } from '../journey/person.ts'
import { comeWith } from '../journey/two-homes.ts'
import { projectRoot } from '../project.ts'
import { breachesOf, keptBy, openWatched, type Watched } from './console-page.ts'

const guide = readFileSync(join(projectRoot, 'docs/console-hosting.md'), 'utf8')

/** The headers that the guide tells a host to send */
function headersOfGuide(): Record<string, string> {
  const lines = guide.match(/^[a-z-]+: .+$/gm) ?? []
  return Object.fromEntries(lines.map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
}

/** Runs in the page, before it does anything. */
function keepConnections(): void {
  const made: RTCPeerConnection[] = []
  class Kept extends RTCPeerConnection {
    constructor(init?: RTCConfiguration) {
      super(init)
      made.push(this)
    }
  }
  const hangUp = () => {
    for (const connection of made) connection.close()
  }
  Object.assign(globalThis, { RTCPeerConnection: Kept, hangUp })
}

describe('the console on a host for static files, over https', function () {
  this.timeout(240_000)
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let host: StaticHost
  let twin: TwinProcess
  let browser: Browser
  let firefox: Browser
  let watched: Watched
  before(async () => {
    folder = await temporaryFolder()
    const headers = headersOfGuide()
    // As for a phone elsewhere: no loopback, and over https no `ws:` to anywhere else. WebRTC is what is left
    const policy = headers['content-security-policy']!.replace(' ws: ', ' ')
    host = await StaticHost.start(await readConsoleFiles(join(projectRoot, 'dist/console')), {
      ...headers,
      'content-security-policy': policy
    })
    twin = new TwinProcess({ home: join(folder.path, 'home') })
    await twin.init()
    ;[browser, firefox] = await Promise.all([
      launch('chromium', { acceptsAnyCertificate: true }),
      launch('firefox', { acceptsAnyCertificate: true })
    ])
    watched = await openWatched(browser)
    await watched.page.evaluateOnNewDocument(keepConnections)
  })
  after(async () => {
    await Promise.all([browser?.close(), firefox?.close()])
    await twin?.stop()
    await host?.stop()
    await folder?.remove()
  })

  /** Addresses of connections that are not WebRTC */
  const otherPaths = async () => {
    const peers = await twin.list<{ address: string }>('peers')
    return peers.map(({ address }) => address).filter(address => !/webrtc-direct|udp/.test(address))
  }

  it('the guide names the headers that the twin itself sends', () => {
    const headers = headersOfGuide()
    expect(Object.keys(headers)).include.members(['content-security-policy', 'referrer-policy'])
    for (const [name, value] of Object.entries(headers)) expect(securityHeaders[name], name).equal(value)
  })

  it('the command of the guide makes the links of the twin open that host, then and at every later start', async () => {
    expect(guide).include('twin start --console-url https://')
    const first = await twin.start('--console-url', `${host.origin}/`)
    expect(first.console).match(new RegExp(`^${host.origin}/#claim/`))
    await twin.stop()
    const again = await twin.start()
    expect(again.console).match(new RegExp(`^${host.origin}/#claim/`))
  })

  it('a browser claims the twin from there over WebRTC alone, and what it writes is on the twin', async () => {
    const { page } = watched
    const link = fromElsewhere(twin.started!.console)
    await page.goto(link ?? twin.started!.console)
    await page.waitForSelector('.button-big:not([disabled])')
    expect(await page.evaluate(() => isSecureContext)).equal(true)
    await page.click('.button-big')
    if (link !== undefined) {
      // On another machine it may be anybody's: the words are compared first, and until then it is no device of that twin
      const confirm = await page.waitForSelector('::-p-text(My terminal shows these words)')
      expect(await keptBy(page)).not.include('local twinmesh.device')
      await confirm!.click()
    }
    await page.waitForSelector('.composer-text')
    await page.type('.composer-text', 'From another origin')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('.delivery')?.textContent?.includes('On your twin'))
    const said = await twin.run(['chat', 'history', 'Notes to yourself', '--json'])
    expect(said.stdout).include('From another origin')
    expect(await otherPaths()).deep.equal([])
    const devices = await twin.list<DeviceItem>('devices')
    expect(devices.map(({ role, state }) => `${role} ${state}`)).include('browser connected')
  })

  it('Firefox comes from there by a pairing link over WebRTC alone', async () => {
    const terminal = new Program(twinFile, { args: ['pair', '--home', twin.home, '--json'], isTyped: true })
    const other = await Person.at(firefox, 'Firefox')
    try {
      const { link } = await terminal.waitForJson<{ link: string }>(value => 'link' in value)
      expect(link).match(new RegExp(`^${host.origin}/#pair/`))
      await comeWith(link, other, 'Firefox elsewhere')
      terminal.write(`${(await other.read('.code-big')).replace(' ', '')}\n`)
      await other.sees('From another origin')
      await other.say('And from Firefox')
      await other.sees('On your twin')
      expect((await terminal.exited).code).equal(0)
      expect(await otherPaths()).deep.equal([])
      expect((await other.breaches()).filter(breach => !breach.startsWith('connect-src ws'))).deep.equal([])
    } finally {
      await terminal.stop()
      await other.leave()
    }
  })

  it('the host is told of no secret, and asked for files only', async () => {
    expect(host.asked).not.empty
    expect(host.asked.filter(path => /claim|pair\//.test(path) || path.includes('?'))).deep.equal([])
    expect(watched.foreignTo(host.origin).filter(url => !url.startsWith('ws:'))).deep.equal([])
    const breaches = await breachesOf(watched.page)
    expect(breaches.filter(breach => !breach.startsWith('connect-src ws'))).deep.equal([])
  })

  it('when a device was seen last is known after the twin was stopped and started', async () => {
    // The end of a connection that is not closed is noticed by WebRTC after half a minute
    await watched.page.evaluate(() => (globalThis as unknown as { hangUp(): void }).hangUp())
    await watched.close()
    const first = (devices: readonly DeviceItem[]) => devices.find(({ role }) => role === 'browser')
    await twin.eventually<DeviceItem>(['devices'], devices => first(devices)?.state === 'away')
    const seen = async () => first(await twin.list<DeviceItem>('devices'))?.lastSeenAt
    const before = await seen()
    expect(before).a('number')
    await twin.stop()
    await twin.start()
    expect(await seen()).equal(before)
    expect((await twin.run(['devices'])).stdout).match(/away/)
  })
})
