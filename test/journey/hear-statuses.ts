import type { Page } from 'puppeteer-core'
import type { BrowserName } from '../browser/browsers.ts'

export interface HeardStatuses {
  /** The next so many; what is missing after a while is left out */
  next(count: number): Promise<readonly number[]>
}

const patienceMs = 10_000

/** The status of each answer of a host to a page, of those too that the browser keeps from the page. */
export async function hearStatuses(name: BrowserName, page: Page, host: string): Promise<HeardStatuses> {
  const heard: number[] = []
  let look = () => {}
  const hear = (url: string, status: number) => {
    if (new URL(url).host !== host) return
    heard.push(status)
    look()
  }
  if (name === 'chromium') await hearChromium(page, hear)
  else page.on('response', response => hear(response.url(), response.status()))
  return {
    next: async count => {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, patienceMs)
        look = () => {
          if (heard.length < count) return
          clearTimeout(timer)
          resolve()
        }
        look()
      })
      return heard.splice(0)
    }
  }
}

/** What Chromium withholds from a page it withholds from puppeteer too, but for what came over the network. */
async function hearChromium(page: Page, hear: (url: string, status: number) => void): Promise<void> {
  const session = await page.createCDPSession()
  await session.send('Network.enable')
  const urls = new Map<string, string>()
  const early = new Map<string, number>()
  const ask = (id: string, url: string) => {
    urls.set(id, url)
    const status = early.get(id)
    if (status !== undefined) hear(url, status)
  }
  session.on('Network.requestWillBeSent', ({ requestId, request }) => ask(requestId, request.url))
  session.on('Network.webSocketCreated', ({ requestId, url }) => ask(requestId, url))
  session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => {
    const url = urls.get(requestId)
    if (url === undefined) early.set(requestId, statusCode)
    else hear(url, statusCode)
  })
  // `Error during WebSocket handshake: Unexpected response code: 400`
  session.on('Network.webSocketFrameError', ({ requestId, errorMessage }) => {
    const status = /response code: (\d+)/.exec(errorMessage)?.[1]
    if (status !== undefined) hear(urls.get(requestId) ?? '', Number(status))
  })
}
