/** `npm run screenshots -- DIR [name…]`: every page of the console, in both layouts and both themes, as pictures to look at. */
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Page } from 'puppeteer-core'
import { serveConsole } from '../../node/console/index.ts'
import { launch } from '../browser/browsers.ts'
import { buildScene } from './build-scene.ts'
import { type Shot, shots } from './shots.ts'

const layouts = {
  desktop: { width: 1280, height: 800, deviceScaleFactor: 1 },
  phone: { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
} as const
const themes = ['light', 'dark'] as const

const [folder = 'screenshots', ...only] = process.argv.slice(2)
const target = resolve(process.env.INIT_CWD ?? '.', folder)
await mkdir(target, { recursive: true })
const served = await serveConsole({ files: await buildScene(), port: 0 })
const browser = await launch('chromium')
try {
  for (const [layout, viewport] of Object.entries(layouts)) {
    for (const theme of themes) {
      const open = async () => {
        // Of its own, so that the scene in another page has nothing to do with it
        const page = await (await browser.createBrowserContext()).newPage()
        page.setDefaultTimeout(60_000)
        // A page behind another is slowed down
        await page.bringToFront()
        await page.setViewport(viewport)
        await page.emulateMediaFeatures([
          { name: 'prefers-color-scheme', value: theme },
          { name: 'prefers-reduced-motion', value: 'reduce' }
        ])
        return page
      }
      // It plays the scene once; from then on it goes from place to place
      const stage = await open()
      for (const shot of shots) {
        if (only.length > 0 && !only.some(name => shot.name.includes(name))) continue
        const path = `${target}/${shot.name}-${layout}-${theme}.png` as const
        const isApart = shot.search !== undefined || shot.link !== undefined || shot.isInsecure === true
        const page = isApart ? await open() : stage
        await take(page, shot, path).catch(error => {
          process.exitCode = 1
          process.stderr.write(`${path}: ${error.message}\n`)
        })
        if (isApart) {
          await page.browserContext().close()
          await stage.bringToFront()
        }
      }
      await stage.browserContext().close()
    }
  }
} finally {
  await browser.close()
  await served.close()
}

async function take(page: Page, shot: Shot, path: `${string}.png`): Promise<void> {
  if (shot.isInsecure) {
    await page.evaluateOnNewDocument(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }))
  }
  if (page.url() === 'about:blank') await page.goto(`${served.url}${shot.search ?? ''}${shot.link ?? ''}`)
  if (shot.hash !== undefined) {
    await page.waitForSelector('.frame', { timeout: 60_000 })
    await page.evaluate(hash => {
      document.querySelector('dialog')?.close()
      location.hash = hash
    }, shot.hash)
  }
  await shot.act?.(page)
  await page.waitForNetworkIdle({ idleTime: 250 })
  await page.screenshot({ path })
  process.stdout.write(`${path}\n`)
}
