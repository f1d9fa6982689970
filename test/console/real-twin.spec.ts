import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { connectToTwin, homeAt } from '../../node/index.ts'
import { pairingProtocol } from '../../protocols/pairing/protocol.ts'
import { sharedBrowsers } from '../browser/browsers.ts'
import { TwinProcess, temporaryFolder } from '../harness/twin.ts'
import { breachesOf, openWatched } from './console-page.ts'

describe('the console of a running twin', function () {
  this.timeout(240_000)
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let twin: TwinProcess
  let browser: Browser
  before(async () => {
    folder = await temporaryFolder()
    twin = new TwinProcess({ home: join(folder.path, 'home') })
    await twin.init()
    await twin.start()
    browser = await sharedBrowsers.chromium.take()
  })
  after(async () => {
    await sharedBrowsers.chromium.leave()
    await twin?.stop()
    await folder?.remove()
  })

  it('a claim link and one button lead to a first note, which the command line reads', async () => {
    const control = await connectToTwin(homeAt(twin.home, {}))
    const { link } = await control.client(pairingProtocol).claim({})
    await control.close()
    const { console: url } = JSON.parse((await twin.run(['status', '--json'])).stdout) as { console: string }
    expect(link.startsWith(`${url}#claim/`)).equal(true)
    const { page, complaints, foreign } = await openWatched(browser, url)
    await page.goto(link)
    await page.waitForSelector('.button-big')
    expect(page.url()).equal(url)
    await page.click('.button-big')
    await page.waitForSelector('.composer-text')
    await page.type('.composer-text', 'First words')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('.messages')?.textContent?.includes('First words'))
    await page.waitForFunction(() => document.querySelector('.delivery')?.textContent?.includes('On your twin'))
    const said = await twin.run(['chat', 'history', 'Notes to yourself', '--json'])
    expect(said.stdout).include('First words')
    expect(await breachesOf(page)).deep.equal([])
    expect(complaints).deep.equal([])
    expect(foreign.filter(address => !address.startsWith('ws://'))).deep.equal([])
  })

  it('opens without its server and without the twin, from what the browser keeps', async () => {
    const { page } = await openWatched(browser, 'http://127.0.0.1')
    const { console: url } = JSON.parse((await twin.run(['status', '--json'])).stdout) as { console: string }
    await page.goto(url)
    await page.waitForSelector('.door')
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await twin.stop()
    await page.goto('about:blank')
    await page.goto(url)
    await page.waitForSelector('.door h1')
    expect(await page.$eval('.door h1', element => element.textContent)).equal('Connect this browser with your twin')
  })
})
