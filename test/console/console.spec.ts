import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { type ConsoleServer, serveConsole } from '../../node/console/serve-console.ts'
import { type BrowserName, launch, needBrowsers, sharedBrowsers } from '../browser/browsers.ts'
import { audit, auditInTheDark } from './audit.ts'
import { awaySuite } from './away.ts'
import { buildScene } from './build-scene.ts'
import { standInForCamera, writeFilm } from './camera.ts'
import { breachesOf, openWatched, type Watched } from './console-page.ts'
import { hostileTexts } from './hostile-texts.ts'
import { pagesSuite } from './pages.ts'
import { phoneSuite } from './phone.ts'
import type { HostilePlace } from './scene/main.ts'
import { valuesSuite } from './values.ts'
import { writingSuite } from './writing.ts'

const invite = 'twin:12D3KooWKcQVqGnNY84ZdqPwCL71TEV9gFzsTKLUdkt2miAUacju?t=JfUXEp4p-2eI5iu1qKxHRA'
const hostilePlaces: readonly HostilePlace[] = [
  'messages',
  'groups',
  'petname',
  'knock',
  'notebooks on offer',
  'notebooks',
  'note',
  'cursor',
  'values',
  'devices',
  'a device that comes',
  'mesh',
  'doctor',
  'sites',
  'a site that asks'
]
const pages = ['chats', 'people', 'notes', 'data', 'devices', 'mesh', 'status', 'settings', 'login', 'more'] as const

for (const name of ['chromium', 'firefox'] as const satisfies readonly BrowserName[]) {
  describe(`the console in ${name}`, function () {
    this.timeout(180_000)
    let served: ConsoleServer
    let browser: Browser
    let watched: Watched
    let folder: string
    before(async () => {
      needBrowsers([name])
      served = await serveConsole({ files: await buildScene(), port: 0 })
      folder = await mkdtemp(join(tmpdir(), 'twinmesh-film-'))
      await writeFilm(join(folder, 'invite.y4m'), invite)
      // Only Chromium takes a film for its camera, from its start on
      browser =
        name === 'chromium'
          ? await launch(name, { film: join(folder, 'invite.y4m') })
          : await sharedBrowsers[name].take()
      watched = await openWatched(browser)
      await watched.page.goto(served.url)
      await watched.page.waitForSelector('.frame')
    })
    after(async () => {
      await watched?.close()
      await (name === 'chromium' ? browser?.close() : sharedBrowsers[name].leave())
      await served?.close()
      await rm(folder, { recursive: true, force: true })
    })

    const visit = async (hash: string) => {
      await watched.page.evaluate(to => {
        location.hash = to
      }, hash)
      await watched.page.waitForFunction(() => document.querySelector('main h1, main h2') !== null)
    }

    it('shows every page without an error, a breach of the policy or a request to anybody else', async () => {
      for (const page of pages) {
        await visit(`#/${page}`)
        expect(await watched.page.title(), page).match(/Twinmesh/)
      }
      expect(watched.complaints).deep.equal([])
      expect(await breachesOf(watched.page)).deep.equal([])
      expect(watched.foreignTo(served.url)).deep.equal([])
    })

    it('has no serious fault for those who use it by ear or keyboard, on any page', async () => {
      const all: string[] = []
      for (const page of pages) {
        await visit(`#/${page}`)
        all.push(...(await audit(watched.page, page)))
      }
      await visit('#/chats')
      await watched.page.evaluate(() => {
        const items = [...document.querySelectorAll<HTMLElement>('a.item')]
        items.find(item => item.textContent?.includes('Marie'))?.click()
      })
      await watched.page.waitForSelector('.delivery')
      all.push(...(await audit(watched.page, 'conversation')))
      expect(all).deep.equal([])
    })

    it('has none on a phone in the dark either', async () => {
      expect(await auditInTheDark(watched.page)).deep.equal([])
    })

    it('says how the recovery kit stands and what to type where the twin runs, and asks for no words', async () => {
      const { page } = watched
      await visit('#/settings')
      await page.waitForFunction(() => document.querySelector('[aria-labelledby=rehearsal] .notice strong') !== null)
      const shown = await page.$eval('[aria-labelledby=rehearsal]', element => ({
        warning: element.querySelector('.notice strong')?.textContent,
        commands: [...element.querySelectorAll('code')].map(({ textContent }) => textContent),
        fields: element.querySelectorAll('input, textarea, [contenteditable]').length
      }))
      expect(shown.warning).match(/^Nobody said yet that the recovery phrase is safe/)
      expect(shown).deep.include({ commands: ['twin recovery test', 'twin recovery done'], fields: 0 })
    })

    it('shows who knocks with name and sentence, and makes a contact of them by one click', async () => {
      const { page } = watched
      await visit('#/people')
      await page.waitForSelector('.knock')
      const knock = await page.$eval('.knock', element => element.textContent)
      expect(knock).include('Nadia Haddad knocks').and.include('The name they gave themselves')
      expect(knock).include('We sat next to each other at the choir weekend')
      const listed = () => page.$$eval('[aria-label=Contacts] .item strong', all => all.map(one => one.textContent))
      expect(await listed()).not.include('Nadia Haddad')
      const accept = await page.waitForSelector('.knock ::-p-aria([name="Accept"][role="button"])')
      await accept!.click()
      await page.waitForFunction(() => document.querySelector('.knock') === null)
      expect(await listed()).include('Nadia Haddad')
    })

    it('reads an invite that the camera sees into the box, and lets go of the camera', async () => {
      const { page } = watched
      await visit('#/people')
      if (name === 'firefox') await standInForCamera(page, invite)
      await page.evaluate(() => {
        const { mediaDevices } = navigator
        const real = mediaDevices.getUserMedia.bind(mediaDevices)
        mediaDevices.getUserMedia = async asked => {
          const stream = await real(asked)
          Object.assign(globalThis, { stream })
          return stream
        }
      })
      for (const label of ['Add somebody by link or QR code', 'Scan a code']) {
        const button = await page.waitForSelector(`::-p-aria([name="${label}"][role="button"])`)
        await button!.click()
      }
      await page.waitForFunction(
        text =>
          [...document.querySelectorAll('dialog input')].some(input => (input as HTMLInputElement).value === text),
        {},
        invite
      )
      const left = await page.evaluate(() => {
        const { stream } = globalThis as unknown as { stream: MediaStream }
        return {
          states: stream.getTracks().map(({ readyState }) => readyState),
          video: document.querySelector('video')
        }
      })
      expect(left).deep.equal({ states: ['ended'], video: null })
      expect(watched.complaints).deep.equal([])
      await page.keyboard.press('Escape')
    })

    it('gives the field of a dialog the keyboard before the next frame', async () => {
      const { page } = watched
      await visit('#/people')
      const button = await page.waitForSelector('::-p-aria([name="Add somebody by link or QR code"][role="button"])')
      const focused = await button!.evaluate(async element => {
        ;(element as HTMLElement).click()
        await new Promise<void>(resolve => queueMicrotask(resolve))
        return document.activeElement?.closest('.field')?.querySelector('label')?.textContent
      })
      expect(focused).equal('Invite link or twin id')
      await page.keyboard.press('Escape')
    })

    it('is walked by keyboard alone: a message is written and sent', async () => {
      const { page } = watched
      await page.evaluate(() => {
        location.hash = '#/chats'
      })
      await page.waitForSelector('.items a[tabindex="0"]')
      await page.focus('.items a[tabindex="0"]')
      await page.keyboard.press('Home')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await page.waitForSelector('.composer-text')
      await page.keyboard.down('Alt')
      await page.keyboard.press('KeyW')
      await page.keyboard.up('Alt')
      await page.keyboard.type('Written without a mouse')
      await page.keyboard.press('Enter')
      await page.waitForFunction(() =>
        document.querySelector('.messages')?.textContent?.includes('Written without a mouse')
      )
      await page.waitForSelector('.message[data-mine="true"] .delivery')
      expect(await page.$eval('.composer-text', element => (element as HTMLTextAreaElement).value)).equal('')
    })

    writingSuite(() => watched.page)
    // Only Chromium passes for a phone without loading the page again
    if (name === 'chromium') phoneSuite(() => watched.page)
    valuesSuite(() => watched.page)
    pagesSuite(() => ({ watched, visit, browser, url: served.url }))
    awaySuite(() => ({ watched, visit, browser, url: served.url }))

    it('text of others stays text: 0 of all hostile names, words, notes, files and sites run or fetch', async () => {
      for (const place of hostilePlaces) {
        const { missing, markup } = await watched.page.evaluate(
          (place, texts) => globalThis.turnHostile(place, texts),
          place,
          [...hostileTexts]
        )
        expect(missing, place).deep.equal([])
        expect(markup, place).deep.equal([])
        expect(await breachesOf(watched.page), place).deep.equal([])
        expect(watched.foreignTo(served.url), place).deep.equal([])
      }
    })

    it('takes the secret of a link out of the address and the history before anything else', async () => {
      const fresh = await openWatched(browser)
      try {
        await fresh.page.goto(`${served.url}#pair/c2VjcmV0`)
        await fresh.page.waitForSelector('.button-big:not([disabled])')
        expect(fresh.page.url()).equal(served.url)
        await fresh.page.click('.button-big')
        await fresh.page.waitForSelector('.code-big')
        expect(await fresh.page.$eval('.code-big', element => element.textContent)).equal('493 027')
        expect(await breachesOf(fresh.page)).deep.equal([])
      } finally {
        await fresh.close()
      }
    })
  })
}
