import { expect } from 'chai'
import { type BrowserName, findBrowser } from './browsers.ts'
import { bundlePage } from './bundle.ts'
import type { LightPage } from './light-page.ts'
import { PairWorld } from './pair-world.ts'
import { twoTabsSuite } from './two-tabs.ts'

const pairs: readonly (readonly [BrowserName, BrowserName])[] = [
  ['chromium', 'chromium'],
  ['chromium', 'firefox']
]

describe('co-editing in browsers', () => {
  for (const pair of pairs) {
    describe(`${pair[0]} with ${pair[1]}`, function () {
      this.timeout(90_000)
      before(function () {
        for (const name of pair) {
          const found = findBrowser(name)
          if (!('missing' in found)) continue
          console.log(`      not run: ${found.missing}`)
          this.skip()
        }
      })
      suite(pair)
    })
  }
})

function suite(pair: readonly [BrowserName, BrowserName]): void {
  let world: PairWorld
  let ann: LightPage
  let ben: LightPage
  let note: string

  before('two people have a notebook', async function () {
    this.timeout(120_000)
    world = await PairWorld.create(pair, await bundlePage())
    ann = world.ann.page
    ben = world.ben.page
    for (const page of [ann, ben]) expect(await page.run('start')).equal('started')
    await Promise.all([ann.connected(), ben.connected()])
  })

  after(() => world?.stop())

  const textOn = async (page: LightPage, text: string) => {
    const seen = await page.until(
      () => page.run('note'),
      found => found.text === text
    )
    return seen.others
  }

  it('notebooks are made, shared and accepted in a page, and notes appear in both', async () => {
    await ann.until(
      () => ann.call<{ name?: string; code?: string }>('notes', 'createNotebook', { name: 'Trip' }),
      found => found.name === 'Trip' || found.code === 'AlreadyExists'
    )
    await ann.until(
      () => ann.call<{ name: string }[]>('notes', 'notebooks'),
      found => found.some(({ name }) => name === 'Trip')
    )
    ;({ id: note } = await ann.call<{ id: string }>('notes', 'create', { notebook: 'Trip', text: '# Packing' }))
    await ann.call('notes', 'share', { notebook: 'Trip', who: world.ben.twin.id })
    await ben.until(
      () => ben.call<{ name?: string }>('notes', 'accept', { notebook: 'Ann/Trip' }),
      ({ name }) => name === 'Ann/Trip'
    )
    const notes = await ben.until(
      () => ben.call<{ id: string; title: string }[]>('notes', 'list'),
      found => Array.isArray(found) && found.some(({ title }) => title === 'Packing')
    )
    expect(notes.map(({ id }) => id)).deep.equal([note])
    const first = await ben.call<{ notebook: string }>('notes', 'create', { text: 'the first of my own' })
    expect(first.notebook).a('string')
  })

  it('both type, and each sees the text and the name of the other', async () => {
    for (const page of [ann, ben]) expect(await page.run('openNote', note)).equal('open')
    await ann.run('type', '\n- sandals')
    await textOn(ben, '# Packing\n- sandals')
    await ben.run('type', '\n- boots')
    await textOn(ann, '# Packing\n- sandals\n- boots')
    for (const [page, name] of [
      [ann, 'Ben'],
      [ben, 'Ann']
    ] as const) {
      const { others } = await page.until(
        () => page.run('note'),
        found => found.others.some(other => other.hasCursor)
      )
      expect(others.map(other => other.name)).deep.equal([name])
    }
  })

  it('move to a direct connection, go on without any twin, and merge when the twins are back', async () => {
    for (const page of [ann, ben]) {
      await page.until(
        () => page.run('note'),
        ({ others }) => others.some(({ isDirect }) => isDirect)
      )
    }
    await Promise.all([world.ann.twin.stop(), world.ben.twin.stop()])
    for (const page of [ann, ben]) {
      await page.until(
        () => page.run('state'),
        ({ path }) => path?.state !== 'connected'
      )
    }
    await ann.run('type', '\n- hat')
    await textOn(ben, '# Packing\n- sandals\n- boots\n- hat')
    await ben.run('type', '\n- map')
    const whole = '# Packing\n- sandals\n- boots\n- hat\n- map'
    await textOn(ann, whole)
    expect((await ann.run('state')).unsynced).above(0)
    await Promise.all([world.ann.twin.start(), world.ben.twin.start()])
    for (const { twin } of [world.ann, world.ben]) {
      await twin.eventually<{ text: string }>(['notes', 'read', note], ([read]) => read?.text === whole)
    }
    for (const page of [ann, ben]) {
      await page.until(
        () => page.run('state'),
        ({ unsynced }) => unsynced === 0
      )
    }
  })

  it('what is typed offline after a reload is merged afterwards', async () => {
    await ben.run('closeNote')
    await ben.run('stop')
    await ben.page.reload()
    await ben.ready()
    await ben.run('cut', true)
    expect(await ben.run('start')).equal('started')
    await ben.until(
      () => ben.run('openNote', note),
      answer => answer === 'open'
    )
    await ben.run('type', 'Ours: ', false)
    await ann.run('type', '\n- tent')
    const whole = 'Ours: # Packing\n- sandals\n- boots\n- hat\n- map\n- tent'
    expect((await ben.run('note')).text).equal(whole.replace('\n- tent', ''))
    await ben.run('cut', false)
    await Promise.all([textOn(ann, whole), textOn(ben, whole)])
    // What a browser says of connections that fail is expected here
    const ofConnections = /ICE failed|connection to ws|establish a connection/
    const thrown = [...ann.errors, ...ben.errors].filter(
      error => /^(Uncaught|\w*Error\b)/.test(error) && !ofConnections.test(error)
    )
    expect(thrown).deep.equal([])
  })

  describe(`a note in two tabs of ${pair[1]}`, () => {
    twoTabsSuite(() => ({ mine: world.ben, other: world.ann }), 'Ben', 'Ann')
  })
}
