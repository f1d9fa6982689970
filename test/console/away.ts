import { expect } from 'chai'
import type { Page } from 'puppeteer-core'
import { openWatched } from './console-page.ts'
import { type OpenConsole, press } from './pages.ts'

interface Way {
  readonly path?: 'loopback'
  /** Whether the console hears of it */
  readonly isTold?: boolean
}

const setPath = (page: Page, way: Way) =>
  page.evaluate(detail => dispatchEvent(new CustomEvent('scene-path', { detail })), way)
const says = (page: Page, words: string) =>
  page.waitForFunction(text => document.querySelector('main')?.textContent?.includes(text), {}, words)

/** The twin is stopped while its console is open, and comes back. */
export function awaySuite(open: () => OpenConsole): void {
  it('calls what it shows of a twin that is away how it was, and promises no page more than it can', async () => {
    const { visit, watched } = open()
    const { page } = watched
    await visit('#/status')
    await page.waitForSelector('.health')
    await setPath(page, {})
    await says(page, 'this is how it was')
    expect(await page.$('.health')).equal(null)
    const strip = () => page.$eval('.strip', element => element.textContent ?? '')
    expect(await strip()).include('What this page shows and does comes from it. 3 changes go out once it is reached.')
    await visit('#/chats')
    await says(page, 'You can read and write all the same')
    await visit('#/status')
    await setPath(page, { path: 'loopback' })
    await page.waitForSelector('.health')
    expect(await page.$('.strip')).equal(null)
  })

  it('reads a page again that failed while the twin was away, when it is back or one asks for it', async () => {
    const { visit, watched } = open()
    const { page } = watched
    for (const isTold of [true, false]) {
      await visit('#/chats')
      await setPath(page, {})
      await visit('#/devices')
      await says(page, 'Could not read your devices')
      await setPath(page, { path: 'loopback', isTold })
      if (!isTold) await press(page, 'Try again')
      await page.waitForSelector('.device-list .device')
    }
    await setPath(page, { path: 'loopback' })
    expect(await page.$('.notice [data-kind="plain"]')).equal(null)
  })

  it('shows no empty profile to be saved where nothing has arrived, and goes where it was sent before it stood', async () => {
    const { browser, url } = open()
    const fresh = await openWatched(browser)
    const { page } = fresh
    try {
      // The address changes as soon as the first page is drawn
      await page.evaluateOnNewDocument(() => {
        const seen = new MutationObserver(() => {
          if (document.querySelector('.frame') === null) return
          seen.disconnect()
          location.hash = '#/settings'
        })
        seen.observe(document, { childList: true, subtree: true })
      })
      await page.goto(`${url}?new&offline&bare`)
      await says(page, 'Could not read what you say of yourself')
      expect(await page.$('form.card .field')).equal(null)
      await setPath(page, { path: 'loopback' })
      await page.waitForSelector('form.card .field')
    } finally {
      await fresh.close()
    }
  })
}
