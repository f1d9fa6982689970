import { expect } from 'chai'
import { type BrowserName, findBrowser } from './browsers.ts'
import { type Bundle, bundleForPages } from './bundle.ts'
import { LightPage } from './light-page.ts'
import { PairWorld } from './pair-world.ts'

const names: readonly BrowserName[] = ['chromium', 'firefox']

describe('a note in two tabs of one browser', () => {
  let bundle: Bundle
  before('the page is bundled', async () => {
    bundle = await bundleForPages('test/browser/page.ts')
  })

  for (const name of names) {
    describe(name, function () {
      this.timeout(90_000)
      before(() => {
        const found = findBrowser(name)
        if ('missing' in found) throw new Error(found.missing)
      })
      suite(name, () => bundle)
    })
  }
})

function suite(name: BrowserName, bundle: () => Bundle): void {
  let world: PairWorld
  let first: LightPage
  let second: LightPage
  let ben: LightPage
  let note: string

  before('two people share a notebook, one of them with two tabs', async function () {
    this.timeout(150_000)
    world = await PairWorld.create([name, 'chromium'], bundle())
    first = world.ann.page
    ben = world.ben.page
    for (const page of [first, ben]) expect(await page.run('start')).equal('started')
    await Promise.all([first.connected(), ben.connected()])
    await first.until(
      () => first.call<{ name?: string; code?: string }>('notes', 'createNotebook', { name: 'Trip' }),
      found => found.name === 'Trip' || found.code === 'AlreadyExists'
    )
    await first.until(
      () => first.call<{ name: string }[]>('notes', 'notebooks'),
      found => found.some(({ name: made }) => made === 'Trip')
    )
    const made = await first.call<{ id: string }>('notes', 'create', { notebook: 'Trip', text: 'We go.' })
    note = made.id
    await first.call('notes', 'share', { notebook: 'Trip', who: world.ben.twin.id })
    await ben.until(
      () => ben.call<{ name?: string }>('notes', 'accept', { notebook: 'Ann/Trip' }),
      found => found.name === 'Ann/Trip'
    )
    second = await LightPage.open(first.page.browser(), first.page.url())
    expect(await second.run('start')).equal('started')
    expect((await second.run('state')).isLeading).equal(false)
  })

  after(() => world?.stop())

  const shows = (page: LightPage, text: string) =>
    page.until(
      () => page.run('note'),
      found => found.text === text
    )

  it('both tabs write, and what each writes is in the other and with the second person', async () => {
    for (const page of [first, second, ben]) {
      await page.until(
        () => page.run('openNote', note),
        answer => answer === 'open'
      )
    }
    await second.run('type', ' Second tab.')
    for (const page of [first, ben]) await shows(page, 'We go. Second tab.')
    await first.run('type', 'First tab. ', false)
    for (const page of [second, ben]) await shows(page, 'First tab. We go. Second tab.')
    await ben.run('type', ' Ben.')
    for (const page of [first, second]) await shows(page, 'First tab. We go. Second tab. Ben.')
    const [read] = await world.ann.twin.eventually<{ text: string }>(
      ['notes', 'read', note],
      ([found]) => found?.text.endsWith('Ben.') === true
    )
    expect(read!.text).equal('First tab. We go. Second tab. Ben.')
  })

  it('the other person is seen in both, is told of one cursor, and is connected directly with both', async () => {
    for (const page of [first, second]) {
      const { others } = await page.until(
        () => page.run('note'),
        found => found.others.some(({ hasCursor, isDirect }) => hasCursor && isDirect)
      )
      expect(others.map(other => other.name)).deep.equal(['Ben'])
    }
    const { others } = await ben.until(
      () => ben.run('note'),
      found => found.others.some(({ hasCursor }) => hasCursor)
    )
    expect(others.map(other => other.name)).deep.equal(['Ann'])
  })

  it('both write at the same time, and nothing of it is lost', async () => {
    const before = (await first.run('note')).text
    await Promise.all(
      ['1', '2', '3', '4', '5'].map(async number => {
        await Promise.all([first.run('type', `a${number}`), second.run('type', `b${number}`)])
      })
    )
    const { text } = await first.until(
      () => first.run('note'),
      found => found.text.length === before.length + 20
    )
    const typed = text.slice(before.length)
    for (const number of ['1', '2', '3', '4', '5']) expect(typed).include(`a${number}`).and.include(`b${number}`)
    for (const page of [second, ben]) await shows(page, text)
  })

  it('the second tab goes on when the first is closed, with what was typed in between, and can take back what it typed', async () => {
    const before = (await second.run('note')).text
    // Not waited for: the tab that would store it is going
    await Promise.all([second.run('type', ' Alone.'), first.close()])
    await second.until(
      () => second.run('state'),
      ({ isLeading }) => isLeading === true
    )
    await shows(second, `${before} Alone.`)
    await second.run('type', ' And on.')
    await shows(ben, `${before} Alone. And on.`)
    // Also what it typed when another tab led
    for (const left of [`${before} Alone.`, before, before.replace(/b5/, '')]) {
      await second.run('undo')
      for (const page of [second, ben]) await shows(page, left)
    }
    expect(second.errors.filter(error => /^(Uncaught|\w*Error\b)/.test(error))).deep.equal([])
  })
}
