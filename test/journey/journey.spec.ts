import { expect } from 'chai'
import { type BrowserName, findBrowser } from '../browser/browsers.ts'
import { journey, promisedSeconds } from './journey.ts'

describe('from npm start to the first message', function () {
  this.timeout(150_000)
  for (const name of ['chromium', 'firefox'] satisfies BrowserName[]) {
    it(`takes less than ${promisedSeconds} s in ${name}`, async () => {
      const found = findBrowser(name)
      if ('missing' in found) throw new Error(found.missing)
      const steps = await journey(name, ({ words, seconds }) => {
        console.log(`      ${seconds.toFixed(1).padStart(5)} s  ${words}`)
      })
      expect(steps.length).equal(8)
      expect(steps.reduce((sum, { seconds }) => sum + seconds, 0)).below(promisedSeconds)
    })
  }
})
