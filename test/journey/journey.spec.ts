import { expect } from 'chai'
import { type BrowserName, needBrowsers } from '../browser/browsers.ts'
import { journey, promisedSeconds } from './journey.ts'

const pairs: readonly (readonly [BrowserName, BrowserName])[] = [
  ['chromium', 'firefox'],
  ['firefox', 'chromium']
]

describe('from npm start to the first message', function () {
  this.timeout(150_000)
  for (const pair of pairs) {
    it(`takes less than ${promisedSeconds} s from ${pair[0]} to ${pair[1]}`, async () => {
      needBrowsers(pair)
      const steps = await journey(pair, ({ words, seconds }) => {
        console.log(`      ${seconds.toFixed(1).padStart(5)} s  ${words}`)
      })
      expect(steps.length).equal(10)
      expect(steps.reduce((sum, { seconds }) => sum + seconds, 0)).below(promisedSeconds)
    })
  }
})
