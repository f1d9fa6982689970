import { expect } from 'chai'
import type { MeshProcesses } from '../harness/mesh.ts'
import type { TwinProcess } from '../harness/twin.ts'
import type { LightPage } from './light-page.ts'

/** A page that is a device of a twin. */
export interface Writer {
  /** What the other calls them */
  readonly name: string
  readonly twin: TwinProcess
  readonly page: LightPage
}

/** Two people write in one note, each in a page of their own; `where` names the browser of the second. */
export function coEditSuite(
  where: string,
  people: () => { readonly ann: Writer; readonly ben: Writer; readonly mesh: MeshProcesses }
): void {
  const notebook = `Trip in ${where}`
  const title = `Packing in ${where}`
  let twins: readonly [TwinProcess, TwinProcess]
  let mesh: MeshProcesses
  let ann: LightPage
  let ben: LightPage
  let note: string
  /** How many errors there were before */
  let old: readonly [number, number]

  before('two people have connected pages', async () => {
    const both = people()
    mesh = both.mesh
    twins = [both.ann.twin, both.ben.twin]
    ann = both.ann.page
    ben = both.ben.page
    for (const page of [ann, ben]) {
      // The page of another suite may run
      if ((await page.run('state')).device === undefined) expect(await page.run('start')).equal('started')
    }
    // As if nothing was lost before: pauses between attempts begin anew
    for (const page of [ann, ben]) await page.run('cut', false)
    await Promise.all([ann.connected(), ben.connected()])
    old = [ann.errors.length, ben.errors.length]
  })

  const textOn = async (page: LightPage, text: string) => {
    const seen = await page.until(
      () => page.run('note'),
      found => found.text === text
    )
    return seen.others
  }

  it('notebooks are made, shared and accepted in a page, and notes appear in both', async () => {
    const beginner = where === 'chromium' ? ann : ben
    const first = await beginner.until(
      () => beginner.call<{ notebook?: string }>('notes', 'create', { text: 'the first of my own' }),
      made => made.notebook !== undefined
    )
    expect(first.notebook).a('string')
    await ann.until(
      () => ann.call<{ name?: string; code?: string }>('notes', 'createNotebook', { name: notebook }),
      found => found.name === notebook || found.code === 'AlreadyExists'
    )
    await ann.until(
      () => ann.call<{ name: string }[]>('notes', 'notebooks'),
      found => found.some(({ name }) => name === notebook)
    )
    ;({ id: note } = await ann.call<{ id: string }>('notes', 'create', { notebook, text: `# ${title}` }))
    await ann.call('notes', 'share', { notebook, who: twins[1].id })
    await ben.accepts(`Ann/${notebook}`)
    const notes = await ben.until(
      () => ben.call<{ id: string; title: string }[]>('notes', 'list'),
      found => Array.isArray(found) && found.some(one => one.title === title)
    )
    expect(notes.filter(one => one.title === title).map(({ id }) => id)).deep.equal([note])
  })

  it('both type, and each sees the text and the name of the other', async () => {
    for (const page of [ann, ben]) expect(await page.run('openNote', note)).equal('open')
    await ann.run('type', '\n- sandals')
    await textOn(ben, `# ${title}\n- sandals`)
    await ben.run('type', '\n- boots')
    await textOn(ann, `# ${title}\n- sandals\n- boots`)
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

  it('move to a direct connection, go on without any twin or relay, and merge when the twins are back', async () => {
    for (const page of [ann, ben]) {
      await page.until(
        () => page.run('note'),
        ({ others }) => others.some(({ isDirect }) => isDirect)
      )
    }
    await Promise.all([...twins.map(twin => twin.stop()), mesh.bootstraps[0]!.program.stop()])
    for (const page of [ann, ben]) {
      await page.until(
        () => page.run('state'),
        ({ path }) => path?.state !== 'connected'
      )
    }
    await ann.run('type', '\n- hat')
    await textOn(ben, `# ${title}\n- sandals\n- boots\n- hat`)
    await ben.run('type', '\n- map')
    const whole = `# ${title}\n- sandals\n- boots\n- hat\n- map`
    await textOn(ann, whole)
    for (const page of [ann, ben]) {
      const { others } = await page.run('note')
      expect(others.map(({ isDirect }) => isDirect)).deep.equal([true])
    }
    expect((await ann.run('state')).unsynced).above(0)
    await mesh.startBootstrapAgain()
    await Promise.all(twins.map(twin => twin.start()))
    for (const twin of twins) {
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
    const whole = `Ours: # ${title}\n- sandals\n- boots\n- hat\n- map\n- tent`
    expect((await ben.run('note')).text).equal(whole.replace('\n- tent', ''))
    await ben.run('cut', false)
    await Promise.all([textOn(ann, whole), textOn(ben, whole)])
    expect([...ann.thrown(old[0]), ...ben.thrown(old[1])]).deep.equal([])
  })
}
