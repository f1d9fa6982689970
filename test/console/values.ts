import { expect } from 'chai'
import type { Page } from 'puppeteer-core'
import type { Client } from '../../protocols/core/index.ts'
import type { kvProtocol } from '../../protocols/kv/protocol.ts'

/** One person changes a value that is changed elsewhere too. */
export function valuesSuite(consolePage: () => Page): void {
  let page: Page
  before(() => {
    page = consolePage()
  })

  const box = '.entry textarea'
  const writeElsewhere = (value: string | undefined) =>
    page.evaluate(
      async (key, text) => {
        const { kv } = (globalThis as unknown as { clients: { kv: Client<typeof kvProtocol> } }).clients
        if (text === undefined) await kv.delete({ key })
        else await kv.put({ key, value: text })
      },
      'shopping',
      value
    )
  const stored = () =>
    page.evaluate(async () => {
      const { kv } = (globalThis as unknown as { clients: { kv: Client<typeof kvProtocol> } }).clients
      return (await kv.get({ key: 'shopping' })).value
    })
  const holds = (text: string) =>
    page.waitForFunction(
      (selector, wanted) => document.querySelector<HTMLTextAreaElement>(selector)?.value === wanted,
      {},
      box,
      text
    )
  const press = async (name: string) => {
    const button = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`)
    await button!.click()
  }
  const noticeIsGone = () => page.waitForFunction(() => document.querySelector('.entry .notice') === null)

  it('a value that is changed elsewhere is shown, unless somebody is typing here: they choose', async () => {
    await page.evaluate(() => {
      location.hash = '#/data/shopping'
    })
    await page.waitForSelector(box)
    await writeElsewhere('oats')
    await holds('oats')
    await page.type(box, ', tea')
    await writeElsewhere('lemons')
    await page.waitForSelector('.entry .notice')
    expect(await page.$eval(box, element => (element as HTMLTextAreaElement).value)).equal('oats, tea')
    expect(await page.$eval('.entry .notice', element => element.textContent)).include('lemons')
    expect(await page.$eval('.entry [type="submit"]', element => (element as HTMLButtonElement).disabled)).equal(true)
    await press('Take theirs')
    await holds('lemons')
    await noticeIsGone()
    await page.type(box, ', tea')
    await writeElsewhere('bread')
    await press('Keep mine')
    await noticeIsGone()
    expect(await stored()).equal('bread')
    await press('Save')
    await page.waitForFunction(() => document.querySelector('.toasts')?.textContent?.includes('Stored'))
    expect(await stored()).equal('lemons, tea')
    await holds('lemons, tea')
    await noticeIsGone()
  })

  it('a value that is deleted elsewhere while somebody types can be kept', async () => {
    await page.type(box, ', milk')
    await writeElsewhere(undefined)
    await press('Keep mine')
    await noticeIsGone()
    await press('Save')
    await page.waitForFunction(() => document.querySelector('.entry .facts') !== null)
    expect(await stored()).equal('lemons, tea, milk')
    await writeElsewhere(undefined)
    await page.waitForSelector('.pane-detail .empty')
    expect(await page.$(box)).equal(null)
  })
}
