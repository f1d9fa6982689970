import { expect } from 'chai'
import type { Page } from 'puppeteer-core'
import { openConversation } from './console-page.ts'

/** The console on a phone, which has no pointer that hovers. */
export function phoneSuite(consolePage: () => Page): void {
  it('on a phone the tools of the newest message are not under the composer', async () => {
    const page = consolePage()
    const session = await page.createCDPSession()
    const phone = { width: 390, height: 844, deviceScaleFactor: 2, mobile: true }
    await session.send('Emulation.setDeviceMetricsOverride', phone)
    try {
      await page.waitForFunction(() => matchMedia('(hover: none)').matches)
      await openConversation(page, 'Marie')
      // What was told before lies over everything for a while
      await page.waitForFunction(() => document.querySelector('.toast') === null)
      await page.focus('.message:last-child')
      const reached = await page.$$eval('.message:last-child .message-tools button', buttons =>
        buttons.map(button => {
          const { x, y, width, height } = button.getBoundingClientRect()
          return button.contains(document.elementFromPoint(x + width / 2, y + height / 2))
        })
      )
      expect(reached).deep.equal([true, true, true, true])
    } finally {
      await session.send('Emulation.clearDeviceMetricsOverride')
      await session.detach()
    }
  })
}
