import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { type ConsoleFiles, readConsoleFiles } from '../../node/console/console-files.ts'
import { type ConsoleServer, serveConsole } from '../../node/console/serve-console.ts'
import type { DeviceItem } from '../../protocols/devices/protocol.ts'
import { kvProtocol } from '../../protocols/kv/index.ts'
import { pairingProtocol } from '../../protocols/pairing/protocol.ts'
import { type BrowserName, sharedBrowsers } from '../browser/browsers.ts'
import { fromElsewhere, networkAddress } from '../harness/elsewhere.ts'
import { RealNewDevice } from '../harness/new-device.ts'
import { Program } from '../harness/program.ts'
import { TwinProcess, temporaryFolder, twinFile } from '../harness/twin.ts'
import { Person } from '../journey/person.ts'
import { projectRoot } from '../project.ts'

/** A twin whose time leaps an hour ahead at a signal */
const env = { NODE_OPTIONS: `--import=${pathToFileURL(join(projectRoot, 'test/harness/leap-hour.mjs')).href}` }
const phone = { width: 390, height: 844 }

/** All that a page over plain http could keep, by what such a page has. */
async function keptBy({ page }: Person): Promise<string[]> {
  return await page.evaluate(async () => {
    const databases = await indexedDB.databases()
    return [
      ...databases.map(({ name }) => `database ${name}`),
      ...Object.keys(localStorage).map(key => `local ${key}`),
      ...Object.keys(sessionStorage).map(key => `session ${key}`),
      ...(document.cookie === '' ? [] : [`cookie ${document.cookie}`]),
      ...('caches' in globalThis ? (await caches.keys()).map(name => `cache ${name}`) : [])
    ]
  })
}

/** Runs in the page: what browsers keep from one over plain http, and whoever changes a page gives it. */
function giveRandomUuid(): void {
  Object.assign(globalThis.crypto, { randomUUID: () => '00000000-0000-4000-8000-000000000000' })
}

/** The console as somebody on the network could hand it on: it does not hide what a visit may not do. */
function changed(files: ConsoleFiles): ConsoleFiles {
  let changes = 0
  const forged = [...files].map(([path, file]) => {
    const text = new TextDecoder().decode(file.body)
    const greedy = text.replace(/isViewOnly:\w+\.identity\?\.isViewOnly\?\?!1/g, () => {
      changes++
      return 'isViewOnly:!1'
    })
    return [path, greedy === text ? file : { ...file, body: new TextEncoder().encode(greedy) }] as const
  })
  expect(changes).equal(1)
  return new Map(forged)
}

for (const name of ['chromium', 'firefox'] as const satisfies readonly BrowserName[]) {
  describe(`the console from another machine over plain http, in ${name}`, function () {
    this.timeout(240_000)
    let folder: Awaited<ReturnType<typeof temporaryFolder>>
    let twin: TwinProcess
    let visitor: Person
    let greedy: Person
    let other: ConsoleServer
    const programs: Program[] = []
    const devices: RealNewDevice[] = []
    const terminalOf = (...args: string[]) => {
      const program = new Program(twinFile, { args: ['pair', ...args, '--home', twin.home], isTyped: true })
      programs.push(program)
      return program
    }
    const listed = async (number: number) =>
      (await twin.list<DeviceItem>('devices')).find(device => device.number === number)!

    before(async () => {
      if (networkAddress === undefined) throw new Error('This machine has no address but loopback')
      folder = await temporaryFolder()
      twin = new TwinProcess({ home: join(folder.path, 'home'), env })
      await twin.object('init', '--name', 'Ada')
      await twin.start('--console-listen', networkAddress)
      await twin.object('chat', 'create-group', 'Diary', '[]')
      await twin.object('chat', 'send', 'Diary', 'From the terminal')
      const browser = await sharedBrowsers[name].take()
      visitor = await Person.at(browser, `${name}-visitor`)
      await visitor.page.setViewport(phone)
      greedy = await Person.at(browser, `${name}-greedy`)
      const files = changed(await readConsoleFiles(join(projectRoot, 'dist/console')))
      other = await serveConsole({ files, port: 0, listen: networkAddress })
    })
    after(async () => {
      for (const device of devices) await device.stop()
      for (const program of programs) await program.stop()
      await visitor?.leave()
      await greedy?.leave()
      await sharedBrowsers[name].leave()
      await other?.close()
      await twin?.stop()
      await folder?.remove()
    })

    /** A link as a phone would use it, and the terminal that waits for the digits */
    async function look() {
      const terminal = terminalOf('--level', 'view', '--json')
      const { link } = await terminal.waitForJson<{ link: string }>(value => 'link' in value)
      return { terminal, whole: link, link: fromElsewhere(link)! }
    }

    async function come(person: Person, link: string, terminal: Program) {
      await person.page.bringToFront()
      await person.open(link)
      await person.sees('Anybody on the network in between could read along')
      await person.shoot('warned')
      await person.page.waitForSelector('.button-big:not([disabled])')
      await person.press('Look for an hour')
      const digits = (await person.read('.code-big')).replace(' ', '')
      await person.shoot('digits')
      terminal.write(`${digits}\n`)
      await person.sees('Over plain http: looking only, until')
      return await terminal.waitForJson<{ number: number; until: number }>(value => 'until' in value)
    }

    it('the console of this machine stays what it is, and the page alone explains', async () => {
      const { console: url } = await twin.object<{ console: string }>('status')
      expect(twin.started!.console.startsWith(`${url}#claim/`)).equal(true)
      expect(url).match(/^http:\/\/127\.0\.0\.1:/)
      const whole = terminalOf('--json')
      const { link } = await whole.waitForJson<{ link: string }>(value => 'link' in value)
      expect(link.startsWith(`${url}#pair/`)).equal(true)
      const base = `http://${networkAddress}:${new URL(url).port}/`
      await visitor.open(base)
      expect(await visitor.page.evaluate(() => isSecureContext)).equal(false)
      await visitor.sees('This page is not safe from here')
      await visitor.shoot('insecure')
      // The link for a browser that writes, taken to the other address
      await visitor.open(link.replace(url, base))
      await visitor.sees('The link is for a browser that may do more than this page ever may')
      await visitor.open(twin.started!.console.replace(url, base))
      await visitor.sees('The link is for a browser that may do more than this page ever may')
      expect(await twin.list<DeviceItem>('devices')).length(1)
      await whole.stop('SIGINT')
    })

    it('the terminal warns in plain words, and gives a code for a phone', async () => {
      const terminal = terminalOf('--level', 'view')
      await terminal.waitForText('#pair/')
      const { stdout } = await terminal.stop('SIGINT')
      expect(stdout)
        .match(/[▀▄█]{8}/)
        .include(`http://${networkAddress}:`)
      expect(stdout).include('This goes over plain http').include('could read along').include('one hour')
    })

    let number = 0
    it('a browser comes in by six digits and reads what the command line wrote, and nothing offers to write', async () => {
      const { terminal, link } = await look()
      const done = await come(visitor, link, terminal)
      number = done.number
      await visitor.press('Diary')
      await visitor.sees('From the terminal')
      await visitor.sees('This browser looks only')
      await visitor.shoot('reads')
      expect(await visitor.page.$('.composer-text')).equal(null)
      await twin.object('chat', 'send', 'Diary', 'And a second one')
      await visitor.sees('And a second one')
      const left = done.until - Date.now()
      expect(left).within(55 * 60_000, 60 * 60_000)
      const { level, expiresAt, issuedAt } = await listed(number)
      expect({ level, lifetime: expiresAt - issuedAt }).deep.equal({ level: 'view', lifetime: 3_600_000 })
      expect((await twin.run(['devices'])).stdout).match(/looks only, until \d\d:\d\d, over plain http/)
      expect(visitor.complaints.filter(text => !/Origin-Agent-Cluster|Opener-Policy/.test(text))).deep.equal([])
    })

    it('every page of it opens', async () => {
      await visitor.press('All conversations')
      for (const [page, words] of [
        ['People', 'Nobody yet'],
        ['Notes', 'No notes yet'],
        ['More', 'Mesh'],
        ['Devices', 'looks only, until'],
        ['More', 'Mesh'],
        ['Status', 'Look now'],
        ['More', 'Mesh'],
        ['Settings', 'This browser']
      ] as const) {
        await visitor.press(page)
        await visitor.sees(words)
        await visitor.shoot(page)
        const offered = await visitor.page.$$eval('.button[data-kind="main"]', all =>
          all.filter(one => one.checkVisibility()).map(one => one.textContent)
        )
        expect(offered, page).deep.equal([])
      }
    })

    it('nothing of it is kept in the browser, nor in its addresses', async () => {
      expect(await keptBy(visitor)).deep.equal([])
      expect(new URL(visitor.page.url()).hash).equal('')
    })

    it('a page that was changed on the way offers everything, and its twin takes nothing', async () => {
      const { terminal, link } = await look()
      await greedy.page.evaluateOnNewDocument(giveRandomUuid)
      await come(greedy, link.replace(/^[^#]+/, other.networkUrl!), terminal)
      await greedy.press('Diary')
      await greedy.sees('From the terminal')
      await greedy.say('I was here')
      // In the page the writer that the console has refuses; another writer's runs count nowhere (view-device.spec)
      await greedy.sees('may only look')
      await greedy.press('Devices')
      await greedy.press('Add a device')
      await greedy.press('Read and write')
      await greedy.sees('This device may only look: pairing.manage is for devices that may change things')
      await greedy.shoot('refused')
      const said = await twin.run(['chat', 'history', 'Diary', '--json'])
      expect(said.stdout).include('From the terminal').not.include('I was here')
    })

    it('whoever has the link and no page of ours is let in to look as well, and asks for more in vain', async () => {
      const { terminal, whole } = await look()
      const thief = new RealNewDevice('thief')
      devices.push(thief)
      const joining = thief.join(whole)
      terminal.write(`${(await thief.shown()).digits}\n`)
      await joining
      for (const attempt of [
        () => thief.client(kvProtocol).put({ key: 'colour', value: 'red' }),
        () => thief.client(pairingProtocol).offer({ level: 'normal' }),
        () => thief.client(pairingProtocol).trust({ number: 2 })
      ]) {
        expect(await attempt().catch(error => error)).include({ code: 'PermissionDenied' })
      }
    })

    it('after the hour the twin serves none of them any more, and the page says so', async () => {
      process.kill(twin.pid, 'SIGUSR2')
      await visitor.sees('This visit is over')
      await visitor.shoot('over')
      await visitor.seesNoMore('From the terminal')
      await devices[0]!.closed()
      expect((await listed(number)).state).equal('revoked')
      expect(
        (await twin.list<DeviceItem>('devices')).filter(({ level }) => level !== undefined).map(({ state }) => state)
      ).deep.equal(['revoked', 'revoked', 'revoked'])
      expect(await keptBy(visitor)).deep.equal([])
    })
  })
}
