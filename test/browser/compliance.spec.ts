import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { projectRoot } from '../project.ts'
import { type BrowserName, needBrowsers, sharedBrowsers } from './browsers.ts'
import { type Bundle, bundleForPages } from './bundle.ts'
import { servePage } from './serve-page.ts'
import type { SuiteResult } from './suites.ts'

/** What passes in each browser at least: fewer means that suites were not run. */
const leastPasses = 700

const names = ['chromium', 'firefox'] as const satisfies readonly BrowserName[]

describe('compliance suites', function () {
  this.timeout(180_000)
  const running = new Map<BrowserName, Promise<SuiteResult>>()
  let bundle: Bundle
  before('the suites are bundled, and begin in both browsers', async () => {
    needBrowsers(names)
    bundle = await bundleForPages('test/browser/suites.ts', {
      replaced: { 'node/crypto.ts': 'test/browser/web-crypto-only.ts', 'memory-level': 'test/browser/indexed-level.ts' }
    })
    for (const name of names) {
      const result = runSuites(name, bundle)
      result.catch(() => {})
      running.set(name, result)
    }
  })

  for (const name of names) {
    it(`pass in ${name}`, async () => {
      const begun = running.get(name)
      // Whoever tries again has them run again
      running.delete(name)
      const { passed, failures } = await (begun ?? runSuites(name, bundle))
      console.log(`      ${name}: ${passed} passed`)
      expect(failures).deep.equal([])
      expect(passed).at.least(leastPasses)
    })
  }
})

async function runSuites(name: BrowserName, bundle: Bundle): Promise<SuiteResult> {
  const mocha = await readFile(join(projectRoot, 'node_modules/mocha/mocha.js'))
  const files = new Map([...bundle.files, ['mocha.js', mocha]])
  const page = await servePage({ ...bundle, files }, '<script src="/mocha.js"></script>')
  const context = await (await sharedBrowsers[name].take()).createBrowserContext()
  try {
    const tab = await context.newPage()
    await tab.goto(page.url)
    await tab.waitForFunction(() => 'runSuites' in globalThis)
    return await tab.evaluate(() => globalThis.runSuites())
  } finally {
    await context.close()
    await sharedBrowsers[name].leave()
    await page.close()
  }
}
