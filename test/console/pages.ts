import { expect } from 'chai'
import type { Browser, Page } from 'puppeteer-core'
import { readText } from '../project.ts'
import { openWatched, type Watched } from './console-page.ts'

export interface OpenConsole {
  readonly browser: Browser
  readonly watched: Watched
  readonly url: string
  readonly visit: (hash: string) => Promise<void>
}

/** Presses what is called so, in the dialog that is open or on the page. */
export async function press(page: Page, label: string): Promise<void> {
  const button = await page.waitForSelector(`::-p-aria([name="${label}"][role="button"])`)
  await button!.evaluate(element => (element as HTMLElement).click())
}

/** What people do on the pages, and are told there. */
export function pagesSuite(open: () => OpenConsole): void {
  it('tells on every page of a device that was let in, and counts no browser as a new one of its own', async () => {
    const { visit, watched } = open()
    const { page } = watched
    await visit('#/notes')
    const mark = () => page.$eval('.side a[href="#/devices"] .mark', element => element.textContent)
    const letIn = (device: object) =>
      page.evaluate(detail => dispatchEvent(new CustomEvent('scene-device', { detail })), device)
    await page.waitForSelector('.side a[href="#/devices"] .mark')
    expect(await mark()).equal('1 new')
    // The first one is this browser
    await letIn({ number: 2, name: 'This very browser' })
    await letIn({ number: 7, name: 'Somebody else’s laptop' })
    const words = 'is a new device of yours: see Devices'
    await page.waitForFunction(text => document.querySelector('.toasts')?.textContent?.includes(text), {}, words)
    const told = await page.$$eval('#root .toast', found => found.map(toast => toast.textContent ?? ''))
    expect(told.filter(text => text.includes(words))).deep.equal([`Somebody else’s laptop ${words}`])
    expect(await mark()).equal('2 new')
    await visit('#/devices')
    await page.waitForFunction(() => document.querySelector('.device-list')?.textContent?.includes('laptop'))
  })

  it('says at its field why a form did not work, and in a dialog what was done there', async () => {
    const { visit, watched } = open()
    const { page } = watched
    await visit('#/devices')
    await press(page, 'Rename Phone')
    await page.waitForSelector('dialog input')
    await page.keyboard.type('Old telephone')
    await page.keyboard.press('Enter')
    const problem = await page.waitForSelector('dialog[open] .field .hint.bad[role="alert"]')
    expect(await problem!.evaluate(element => element.textContent)).include('This page is a scene')
    expect(await page.$eval('dialog input', input => input.getAttribute('aria-invalid'))).equal('true')
    await page.keyboard.press('Escape')
    await visit('#/people')
    await press(page, 'Invite somebody')
    await press(page, 'Copy the invite link')
    // Copied, or that the browser did not allow it
    await page.waitForSelector('dialog[open] [role="status"] .toast')
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.querySelector('dialog[open]') === null)
  })

  it('puts who made a new note into its title', async () => {
    const { visit, watched } = open()
    const { page } = watched
    await visit('#/notes')
    await press(page, 'New note')
    await page.waitForFunction(() => document.activeElement?.matches('.note-text'))
    await page.keyboard.type('Groceries')
    await page.waitForFunction(() => document.querySelector('.note h2')?.textContent === 'Groceries')
    const text = await page.$eval('.note-text', host => host.shadowRoot?.querySelector('.cm-content')?.textContent)
    expect(text).equal('# Groceries')
  })

  it('keeps a device with a long name inside the mesh page of a phone', async () => {
    const { visit, watched } = open()
    const { page } = watched
    const viewport = page.viewport()
    const name = 'Workstation_in_the_attic_behind_the_chimney_next_to_the_cider'
    await page.evaluate(detail => dispatchEvent(new CustomEvent('scene-device', { detail })), { number: 8, name })
    await page.setViewport({ width: 390, height: 844 })
    await visit('#/mesh')
    await page.waitForFunction(text => document.querySelector('.mesh-table')?.textContent?.includes(text), {}, name)
    const wider = await page.$$eval('.mesh-table, .mesh-table td, .card, .page', found =>
      found.filter(one => one.scrollWidth > one.clientWidth).map(one => one.outerHTML.slice(0, 200))
    )
    await page.setViewport(viewport)
    expect(wider).deep.equal([])
  })

  it('asks for a name on a claim, which may be left empty, and before somebody is invited', async () => {
    const { browser, url } = open()
    for (const [name, asked] of [
      ['Ada L.', false],
      ['', true]
    ] as const) {
      const fresh = await openWatched(browser)
      const { page } = fresh
      try {
        // With the list beside what is open
        await page.setViewport({ width: 1280, height: 800 })
        await page.goto(`${url}?new#claim/scene`)
        const field = await page.waitForSelector('::-p-aria([name="Your name"][role="textbox"])')
        await field!.type(name)
        const connect = await page.waitForSelector('.button-big:not([disabled])')
        await connect!.click()
        await page.waitForSelector('.code-big')
        await page.evaluate(() => dispatchEvent(new Event('scene-approve')))
        await page.waitForFunction(
          shown => document.querySelector('.me strong')?.textContent === shown,
          {},
          name || 'You'
        )
        // A list that is as high as its pane is not scrolled
        await page.waitForSelector('.items + .empty')
        const scrolled = await page.$$eval('.pane-list *', found =>
          found.filter(one => one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY === 'auto')
        )
        expect(scrolled).length(0)
        await page.evaluate(() => {
          location.hash = '#/people'
        })
        await press(page, 'Invite somebody')
        if (asked) {
          const own = await page.waitForSelector('dialog ::-p-aria([name="Your name"][role="textbox"])')
          expect(await page.$('dialog .qr')).equal(null)
          await own!.type('Ada')
          await page.keyboard.press('Enter')
        }
        await page.waitForSelector('dialog .qr')
        expect(await page.$('dialog input')).equal(null)
        expect(await page.$eval('.me strong', element => element.textContent)).equal(name || 'Ada')
      } finally {
        await fresh.close()
      }
    }
  })

  it('says on a link that was opened where a twin is already that it is for the other browser', async () => {
    const { visit, watched, url } = open()
    const { page } = watched
    await visit('#/people')
    await page.evaluate(() => {
      location.hash = '#pair/c2VjcmV0'
    })
    await page.waitForFunction(() => document.querySelector('.strip')?.textContent?.includes('already a device'))
    expect(page.url()).equal(url)
    expect(await page.$('.button-big')).equal(null)
    await press(page, 'Close')
    await page.waitForFunction(() => document.querySelector('.strip') === null)
  })

  it('names commands at the door that the README names, and none of a package that is not there', async () => {
    const { browser, url } = open()
    const fresh = await openWatched(browser)
    try {
      await fresh.page.goto(`${url}?first`)
      await fresh.page.waitForSelector('.door code')
      const commands = await fresh.page.$$eval('.door code', found => found.map(one => one.textContent ?? ''))
      expect(commands).include('npm start').and.include('node dist/bin/twin.js pair')
      const readme = readText('README.md')
      expect(commands.filter(command => !readme.includes(command))).deep.equal([])
    } finally {
      await fresh.close()
    }
  })
}
