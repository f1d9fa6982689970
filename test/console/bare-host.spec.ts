import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { readConsoleFiles } from '../../node/console/console-files.ts'
import { pagePolicy, securityHeaders } from '../../node/console/security-headers.ts'
import { type BrowserName, launch } from '../browser/browsers.ts'
import { StaticHost } from '../harness/static-host.ts'
import { projectRoot } from '../project.ts'
import { breachesOf, openWatched, type Watched } from './console-page.ts'

for (const name of ['chromium', 'firefox'] as const satisfies readonly BrowserName[]) {
  describe(`the console on a host that sends no headers, in ${name}`, function () {
    this.timeout(120_000)
    let host: StaticHost
    let browser: Browser
    let watched: Watched
    before(async () => {
      const body = new TextEncoder().encode('<!doctype html><iframe src="./#pair/c2VjcmV0"></iframe>')
      const around = { type: 'text/html', body, isImmutable: false }
      const files = await readConsoleFiles(join(projectRoot, 'dist/console'))
      host = await StaticHost.start(new Map([...files, ['/around.html', around]]), {})
      browser = await launch(name, { acceptsAnyCertificate: true })
      watched = await openWatched(browser)
    })
    after(async () => {
      await browser?.close()
      await host?.stop()
    })

    it('has the policy of the headers in the page, but for who may frame it', async () => {
      const { page } = watched
      await page.goto(`${host.origin}/`)
      await page.waitForSelector('.door')
      const inPage = await page.$eval('meta[http-equiv="content-security-policy"]', meta =>
        meta.getAttribute('content')
      )
      expect(inPage).equal(pagePolicy)
      const header = securityHeaders['content-security-policy']!.split('; ')
      expect(header.filter(rule => !pagePolicy.split('; ').includes(rule))).deep.equal(["frame-ancestors 'none'"])
      expect(await breachesOf(page)).deep.equal([])
      expect(watched.complaints).deep.equal([])
    })

    it('makes no text into code and asks no other host', async () => {
      const { page } = watched
      const answer = await page.evaluate(async () => {
        try {
          const script = document.createElement('script')
          script.textContent = 'hit()'
          document.head.append(script)
        } catch {
          // Chromium refuses the text already
        }
        return await fetch('https://pages.example/').catch(error => error.name)
      })
      expect(answer).equal('TypeError')
      const breaches = await breachesOf(page)
      expect(breaches).not.include('executed')
      expect(breaches.filter(breach => breach.startsWith('connect-src https://pages.example'))).length(1)
      expect(breaches.filter(breach => /^(script-src|require-trusted-types-for)/.test(breach))).length(1)
    })

    it('starts nothing inside of another page, and says so', async () => {
      const { page } = watched
      await page.goto(`${host.origin}/around.html`)
      const frame = await (await page.waitForSelector('iframe'))!.contentFrame()
      await frame.waitForFunction(() => document.body?.textContent?.includes('not inside of another page'))
      expect(await frame.$('.door, .button')).equal(null)
    })
  })
}
