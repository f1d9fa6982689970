import type { Browser, Page } from 'puppeteer-core'
import { findBrowser } from '../browser/browsers.ts'
import { bundleForPages } from '../browser/bundle.ts'
import type { LightPage } from '../browser/light-page.ts'
import { PairWorld } from '../browser/pair-world.ts'
import { servePage } from '../browser/serve-page.ts'
import { Program } from '../harness/program.ts'
import { twinFile } from '../harness/twin.ts'
import type { BenchPage } from './browser-page.ts'
import { type BenchOptions, type BenchResult, type Contender, emptyRounds, type Figure } from './report.ts'
import { quantile } from './statistics.ts'

const title = 'Browser'
/** Between two keystrokes, in ms: as fast as people type, and never for long in step with the frames of a screen (golden ratio sequence). */
const pauseMs = (key: number) => 60 + 120 * ((key * 0.618034) % 1)
/** Patterns of addresses, by what they are */
const transports = {
  WebSocket: /^(?!.*p2p-circuit).*\/ws\//,
  'WebRTC-direct': /\/webrtc-direct\//,
  relay: /\/p2p-circuit\/p2p\/[^/]+$/
} as const

/** A page that connects with its twin, the console until it can be used, and keystrokes from one browser to another. */
export async function browser({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const found = findBrowser('chromium')
  if ('missing' in found) return { name: 'browser', title, how: `Not run: ${found.missing}.`, figures: [] }
  const bundle = await bundleForPages('test/bench/browser-page.ts')
  const world = await PairWorld.create(['chromium', 'chromium'], bundle, { hasWebrtc: true })
  const empty = await servePage({ ...bundle, files: new Map() })
  const figures: Figure[] = []
  try {
    const { ann } = world
    for (const [name, pattern] of Object.entries(transports)) {
      const address = ann.nodes.find(one => pattern.test(one))
      if (address === undefined) throw new Error(`The twin has no address for ${name}`)
      const ms = await inTurns(rounds, contenders, {
        floor: () => call(ann.page.page, 'dial', address),
        // Who is reached over a relay dials that first
        ours: () => connected(ann.page, new RegExp(`${pattern.source}|^${world.relay}$`))
      })
      figures.push({ name: `connected over ${name}`, unit: 'ms', rounds: ms })
    }
    const interactive = await inTurns(rounds, contenders, {
      floor: () => opened(ann.browser, empty.url, 'body'),
      ours: () => opened(ann.browser, ann.twin.started!.console, '.door h1')
    })
    const goal = { kind: 'value', is: 'at most', value: 2000 } as const
    figures.push({ name: 'console on loopback until it can be used', unit: 'ms', rounds: interactive, goal })
    const console = await pairedConsole(ann)
    const usable = await inTurns(rounds, contenders, {
      floor: () => opened(ann.browser, empty.url, 'body'),
      ours: () => reopened(console)
    })
    await console.browserContext().close()
    figures.push({ name: 'paired console on loopback until it can be used', unit: 'ms', rounds: usable, goal })
    const count = quick ? 50 : 200
    for (const who of contenders) await meet(who, world)
    figures.push(...(await typed(world, rounds, contenders, count)))
    return {
      name: 'browser',
      title,
      how: `Headless Chromium, all on one machine. Connected: from the start of a paired light peer, keys, hello and own addresses included, until it has its twin; the floor is a bare libp2p node made in the same page that dials the same address. The console: from the request until its first page is drawn; the floor is an empty page. Of a browser that is paired: opened again, until its conversations are there and one is written into. Keystrokes: ${count} keys in each of ${rounds} rounds, 60 to 180 ms between two of them, pressed in the console's editor in one browser until the other has the letter in its text, and until the frame that shows it was drawn there, over their own WebRTC connection; ours signed, sealed and stored, with both twins in the mesh, the floor bare Yjs updates over one stream of the same kind, in the same editor. Ours shows a letter before it is in the text, and stores what is typed together, in a pause or once a second (decision 0046), so that the text follows the screen.`,
      figures
    }
  } finally {
    await empty.close()
    await world.stop()
  }
}

/** Keys pressed in one browser until they are in the other. */
async function typed(
  { ann, ben }: PairWorld,
  rounds: number,
  contenders: readonly Contender[],
  count: number
): Promise<Figure[]> {
  const [typist, reader] = [ann.page.page, ben.page.page]
  const [toText, toScreen] = [emptyRounds(), emptyRounds()]
  for (let round = -1; round < rounds; round++) {
    for (const who of contenders) {
      for (const page of [typist, reader]) await call(page, 'edit', who)
      for (let key = 0; key < count; key++) {
        await typist.keyboard.press('x')
        await new Promise(resolve => setTimeout(resolve, pauseMs(key)))
      }
      const { there, drawn } = await call(reader, 'noted', count)
      const { pressed: begun } = await call(typist, 'noted', count)
      // The first round compiles what the others run
      if (round < 0) continue
      toText[who].push(...there.map((at, index) => at - begun[index]!))
      toScreen[who].push(...drawn.map((at, index) => at - begun[index]!))
    }
  }
  // Of all keys: the slowest hundredth of one round is two of them
  const of = ({ floor, ours }: Record<Contender, number[]>, q: number) => ({
    floor: [quantile(floor, q)],
    ours: [quantile(ours, q)]
  })
  const most = { kind: 'ratio', is: 'at most', value: 1.3 } as const
  return [
    { name: 'keystroke to the other text, p50', unit: 'ms', rounds: of(toText, 0.5) },
    { name: 'keystroke to the other text, p99', unit: 'ms', rounds: of(toText, 0.99) },
    { name: 'keystroke to the other screen, p50', unit: 'ms', rounds: of(toScreen, 0.5), goal: most },
    { name: 'keystroke to the other screen, p99', unit: 'ms', rounds: of(toScreen, 0.99), goal: most }
  ]
}

async function inTurns(
  rounds: number,
  contenders: readonly Contender[],
  run: Record<Contender, () => Promise<number>>
) {
  const ms = emptyRounds()
  for (let round = 0; round < rounds; round++) for (const who of contenders) ms[who].push(await run[who]())
  return ms
}

/** In ms. The device stays paired: only the peer is started anew. */
async function connected(page: LightPage, pattern: RegExp): Promise<number> {
  await page.run('stop')
  const ms = await page.run('startUntilConnected', pattern.source)
  await page.run('stop')
  return ms
}

async function opened(browser: Browser, url: string, selector: string): Promise<number> {
  const context = await browser.createBrowserContext()
  try {
    const page = await context.newPage()
    await page.goto(url)
    const drawn = await page.waitForFunction(
      wanted => (document.querySelector(wanted) === null ? false : performance.now()),
      {},
      selector
    )
    return Number(await drawn.jsonValue())
  } finally {
    await context.close()
  }
}

/** The console in a browser that was let in by its twin, at the notes to oneself. */
async function pairedConsole({ browser, twin }: PairWorld['ann']): Promise<Page> {
  const terminal = new Program(twinFile, { args: ['pair', '--home', twin.home, '--json'], isTyped: true })
  try {
    const { link } = await terminal.waitForJson<{ link: string }>(value => 'link' in value)
    const page = await (await browser.createBrowserContext()).newPage()
    await page.goto(link)
    await (await page.waitForSelector('.button-big:not([disabled])'))!.click()
    const digits = await (await page.waitForSelector('.code-big'))!.evaluate(shown => shown.textContent ?? '')
    terminal.write(`${digits.replace(' ', '')}\n`)
    await page.waitForSelector('.composer-text')
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    return page
  } finally {
    await terminal.exited
  }
}

/** In ms, from the request on. */
async function reopened(page: Page): Promise<number> {
  await page.reload()
  const usable = await page.waitForFunction(() => {
    const isThere = document.querySelector('.items .item') !== null && document.querySelector('.composer-text') !== null
    return isThere ? performance.now() : false
  })
  return Number(await usable.jsonValue())
}

/** Connects both pages, browser to browser. */
async function meet(who: Contender, { ann, ben, relay }: PairWorld): Promise<void> {
  if (who === 'floor') {
    await call(ann.page.page, 'meet', await call(ben.page.page, 'listen', relay))
    return
  }
  for (const { page } of [ann, ben]) await page.run('start')
  await Promise.all([ann.page.connected(), ben.page.connected()])
  await ann.twin.object('notes', 'create-notebook', 'Bench')
  await ann.twin.object('notes', 'share', 'Bench', 'Ben')
  await ben.twin.eventually<{ name: string }>(['notes', 'offers'], lines => lines[0]?.name === 'Ann/Bench')
  await ben.twin.object('notes', 'accept', 'Ann/Bench')
  const { id } = await ann.twin.object<{ id: string }>('notes', 'create', 'begun', '--notebook', 'Bench')
  for (const { page } of [ann, ben]) {
    await page.until(
      () => page.run('openNote', id),
      answer => answer === 'open'
    )
  }
  for (const { page } of [ann, ben]) {
    await page.until(
      () => page.run('note'),
      ({ others }) => others.some(({ isDirect }) => isDirect)
    )
  }
}

async function call<K extends keyof BenchPage>(
  page: Page,
  name: K,
  ...args: Parameters<BenchPage[K]>
): Promise<Awaited<ReturnType<BenchPage[K]>>> {
  const answer: unknown = await page.evaluate(
    (method, given) => {
      // The names and arguments were checked where this was called
      const bench = globalThis.bench as unknown as Record<string, (...args: unknown[]) => unknown>
      return bench[method]!(...given)
    },
    name,
    args as unknown[]
  )
  return answer as Awaited<ReturnType<BenchPage[K]>>
}
