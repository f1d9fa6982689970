import { createServer } from 'node:http'
import type { Browser } from 'puppeteer-core'
import { stranger } from '../browser/browsers.ts'

export interface Spoils {
  /** What the page got hold of, one a line */
  readonly taken: readonly string[]
  /** HTTP status under a name that was rebound to this machine */
  readonly rebound: number | undefined
  /** What the twin's listener said to somebody who speaks no Noise */
  readonly said: string
}

/** A page of somebody else's site tries what it can against the server of the console and the listener of the twin. */
export async function attack(browser: Browser, console: string, listener: string): Promise<Spoils> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>Prizes</title>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const page = await browser.newPage()
  try {
    await page.goto(`http://${stranger}:${port}/`)
    const found = await page.evaluate(tryAll, console, listener)
    const answer = await page.goto(console.replace('127.0.0.1', stranger)).catch(() => null)
    return { ...found, rebound: answer?.status() }
  } finally {
    await page.close()
    server.close()
  }
}

/** Runs in the page. */
async function tryAll(target: string, listener: string): Promise<{ taken: string[]; said: string }> {
  const taken: string[] = []
  const paths = ['', 'index.html', 'manifest.webmanifest', 'sw.js']
  for (const method of ['GET', 'POST', 'PUT']) {
    for (const path of paths) {
      await fetch(target + path, { method, credentials: 'include' }).then(
        () => taken.push(`${method} ${path}`),
        () => {}
      )
    }
  }
  const open = (address: string, words: string) =>
    new Promise<string | undefined>(resolve => {
      const socket = new WebSocket(address)
      let heard: string | undefined
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => {
        heard = ''
        // What libp2p begins with, and then a call without proving anything
        for (const word of words.split(' ')) {
          const bytes = new TextEncoder().encode(`${word}\n`)
          socket.send(Uint8Array.from([bytes.length, ...bytes]))
        }
      }
      socket.onmessage = ({ data }) => {
        heard += new TextDecoder().decode(data)
        if (heard?.includes('na\n')) socket.close()
      }
      socket.onerror = () => socket.close()
      socket.onclose = () => resolve(heard)
      setTimeout(() => socket.close(), 3000)
    })
  if ((await open(target.replace('http', 'ws'), 'hello')) !== undefined) taken.push('a WebSocket of the console')
  const said = await open(listener, '/multistream/1.0.0 /twin/kv/1.0')
  return { taken, said: said ?? '' }
}
