import { expect } from 'chai'
import type { Browser, Page } from 'puppeteer-core'
import { connectToTwin, homeAt } from '../../node/index.ts'
import { pairingProtocol } from '../../protocols/pairing/protocol.ts'
import { sharedBrowsers } from '../browser/browsers.ts'
import { MeshProcesses } from '../harness/mesh.ts'
import type { TwinProcess } from '../harness/twin.ts'
import { breachesOf, openWatched } from './console-page.ts'

/** In the shadow root of the editor */
const editor = '.note-text >>> .cm-content'

describe('notes in the consoles of two people', function () {
  this.timeout(240_000)
  let mesh: MeshProcesses
  let browser: Browser
  let ann: TwinProcess
  let ben: TwinProcess
  let annPage: Page
  let benPage: Page
  before(async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    ;[ann, ben] = (await mesh.addTwins(2)) as [TwinProcess, TwinProcess]
    const { link } = await ann.object<{ link: string }>('invite')
    await ben.object('contacts', 'add', link, '--name', 'Ann')
    await ann.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
    await ann.object('contacts', 'rename', ben.id, 'Ben')
    browser = await sharedBrowsers.chromium.take()
  })
  after(async () => {
    await sharedBrowsers.chromium.leave()
    await mesh?.stop()
  })

  const claimed = async (twin: TwinProcess): Promise<Page> => {
    const control = await connectToTwin(homeAt(twin.home, {}))
    const { link } = await control.client(pairingProtocol).claim({})
    await control.close()
    const watched = await openWatched(browser, twin.started!.console)
    await watched.page.goto(link)
    await (await watched.page.waitForSelector('.button-big'))!.click()
    await watched.page.waitForSelector('.composer-text')
    return watched.page
  }
  const shows = (page: Page, text: string) =>
    page.waitForFunction(
      wanted => document.querySelector('.note-text')?.shadowRoot?.textContent?.includes(wanted),
      {},
      text
    )
  /** At the end of the note, or at its beginning */
  const type = async (page: Page, text: string, key: 'End' | 'Home') => {
    await page.bringToFront()
    await (await page.waitForSelector(editor))!.click()
    await page.keyboard.down('Control')
    await page.keyboard.press(key)
    await page.keyboard.up('Control')
    await page.keyboard.type(text)
  }

  it('a note written in one console is co-edited in the other, with a name at the cursor', async () => {
    annPage = await claimed(ann)
    benPage = await claimed(ben)
    await ann.object('notes', 'create-notebook', 'Trip')
    await ann.object('notes', 'share', 'Trip', 'Ben')
    await ben.eventually<{ name: string }>(['notes', 'offers'], lines => lines[0]?.name === 'Ann/Trip')
    await ben.object('notes', 'accept', 'Ann/Trip')
    const { id } = await ann.object<{ id: string }>('notes', 'create', '# Packing', '--notebook', 'Trip')
    for (const page of [annPage, benPage]) {
      await page.evaluate(note => {
        location.hash = `/notes/${note}`
      }, id)
      await shows(page, 'Packing')
    }
    await type(annPage, ' for two', 'End')
    await shows(benPage, 'Packing for two')
    await type(benPage, 'Ours: ', 'Home')
    await shows(annPage, 'Ours: ')
    await annPage.waitForFunction(
      () =>
        document.querySelector('.note-text')?.shadowRoot?.querySelector('.remote-name')?.textContent === 'Ben' &&
        document.querySelector('.presence')?.textContent?.includes('Ben')
    )
    await annPage.waitForFunction(() => document.querySelector('.presence')?.textContent?.includes('(directly)'))
    await ann.eventually<{ text: string }>(['notes', 'read', id], ([read]) => read?.text.endsWith('for two') === true)
    expect([...(await breachesOf(annPage)), ...(await breachesOf(benPage))]).deep.equal([])
  })

  it('the note is there after a reload without any twin, and what is typed then is merged', async () => {
    await benPage.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await Promise.all([ann.stop(), ben.stop()])
    await benPage.reload()
    await shows(benPage, 'for two')
    await type(benPage, ' today', 'End')
    await shows(benPage, 'for two today')
    await Promise.all([ann.start(), ben.start()])
    await shows(annPage, 'for two today')
    const [note] = await ann.list<{ id: string; title: string }>('notes', 'list')
    await ann.eventually<{ text: string }>(
      ['notes', 'read', note!.id],
      ([read]) => read?.text.endsWith('today') === true
    )
    expect(await breachesOf(benPage)).deep.equal([])
  })
})
