import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { projectRoot } from '../project.ts'
import { findBrowser, sharedBrowsers } from './browsers.ts'
import { type Bundle, bundleForPages } from './bundle.ts'
import { servePage } from './serve-page.ts'

/** What passes in each browser at least: fewer means that suites were not run. */
const leastPasses = 700

describe('compliance suites', function () {
  this.timeout(120_000)
  let bundle: Bundle
  before('the suites are bundled', async () => {
    bundle = await bundleForPages('test/browser/suites.ts', {
      replaced: { 'node/crypto.ts': 'test/browser/web-crypto-only.ts', 'memory-level': 'test/browser/indexed-level.ts' }
    })
  })

  for (const name of ['chromium', 'firefox'] as const) {
    const found = findBrowser(name)
    it(`pass in ${name}`, async function () {
      if ('missing' in found) {
        console.log(`      not run: ${found.missing}`)
        this.skip()
      }
      const mocha = await readFile(join(projectRoot, 'node_modules/mocha/mocha.js'))
      const files = new Map([...bundle.files, ['mocha.js', mocha]])
      const page = await servePage({ ...bundle, files }, '<script src="/mocha.js"></script>')
      const context = await (await sharedBrowsers[name].take()).createBrowserContext()
      try {
        const tab = await context.newPage()
        await tab.goto(page.url)
        await tab.waitForFunction(() => 'runSuites' in globalThis)
        const { passed, failures } = await tab.evaluate(() => globalThis.runSuites())
        console.log(`      ${name}: ${passed} passed`)
        expect(failures).deep.equal([])
        expect(passed).at.least(leastPasses)
      } finally {
        await context.close()
        await sharedBrowsers[name].leave()
        await page.close()
      }
    })
  }
})
