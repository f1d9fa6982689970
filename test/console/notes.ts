import { expect } from 'chai'
import type { Page } from 'puppeteer-core'
import type { TwinProcess } from '../harness/twin.ts'
import type { Person } from '../journey/person.ts'

/** In the shadow root of the editor */
const editor = '.note-text >>> .cm-content'

interface NoteWriter {
  /** What the other calls them */
  readonly name: string
  readonly twin: TwinProcess
  readonly mine: Person
  readonly start: () => Promise<unknown>
}

/** Two people write in one note, each in the console of the own twin. */
export function notesSuite(people: () => { readonly ann: NoteWriter; readonly ben: NoteWriter }): void {
  let ann: NoteWriter
  let ben: NoteWriter
  let note: string
  before(() => {
    ;({ ann, ben } = people())
  })

  const shows = (page: Page, text: string) =>
    page.waitForFunction(
      wanted => document.querySelector('.note-text')?.shadowRoot?.textContent?.includes(wanted),
      {},
      text
    )
  /** At the end of the note, or at its beginning */
  const type = async (page: Page, text: string, key: 'End' | 'Home') => {
    await page.bringToFront()
    await (await page.waitForSelector(editor))!.click()
    await page.keyboard.down('Control')
    await page.keyboard.press(key)
    await page.keyboard.up('Control')
    await page.keyboard.type(text)
  }

  /** What is shown from now on of what others type. */
  const previewsIn = (page: Page) =>
    page.evaluateHandle(() => {
      const seen: string[] = []
      const root = document.querySelector('.note-text')!.shadowRoot!
      new MutationObserver(() => {
        for (const { textContent } of root.querySelectorAll('.remote-typed')) seen.push(textContent)
      }).observe(root, { childList: true, subtree: true, characterData: true })
      return seen
    })

  it('a note written in one console is co-edited in the other, with a name at the cursor', async () => {
    const [annPage, benPage] = [ann.mine.page, ben.mine.page]
    await ann.twin.object('notes', 'create-notebook', 'Trip')
    await ann.twin.object('notes', 'share', 'Trip', ben.name)
    const offer = `${ann.name}/Trip`
    await ben.twin.eventually<{ name: string }>(['notes', 'offers'], lines => lines[0]?.name === offer)
    await ben.twin.object('notes', 'accept', offer)
    ;({ id: note } = await ann.twin.object<{ id: string }>('notes', 'create', '# Packing', '--notebook', 'Trip'))
    for (const page of [annPage, benPage]) {
      await page.evaluate(id => {
        location.hash = `/notes/${id}`
      }, note)
      await shows(page, 'Packing')
    }
    await shows(benPage, 'Packing')
    const previews = await previewsIn(benPage)
    await type(annPage, ' for two', 'End')
    await shows(benPage, 'Packing for two')
    // Each letter stood beside the text before it was in it, and none stays there
    expect(await previews.evaluate(seen => seen.some(text => ' for two'.includes(text)))).equal(true)
    await benPage.waitForFunction(
      () => document.querySelector('.note-text')?.shadowRoot?.querySelector('.remote-typed') == null
    )
    await type(benPage, 'Ours: ', 'Home')
    await shows(annPage, 'Ours: ')
    for (const [page, { name }] of [
      [annPage, ben],
      [benPage, ann]
    ] as const) {
      await page.bringToFront()
      await page.waitForFunction(
        other =>
          document.querySelector('.note-text')?.shadowRoot?.querySelector('.remote-name')?.textContent === other &&
          document.querySelector('.presence')?.textContent?.includes(other),
        {},
        name
      )
      await page.waitForFunction(() => document.querySelector('.presence')?.textContent?.includes('(directly)'))
    }
    await ann.twin.eventually<{ text: string }>(
      ['notes', 'read', note],
      ([read]) => read?.text.endsWith('for two') === true
    )
    expect([...(await ann.mine.breaches()), ...(await ben.mine.breaches())]).deep.equal([])
  })

  it('the note is there in both browsers after a reload without any twin, and what is typed then in each is merged', async () => {
    const [annPage, benPage] = [ann.mine.page, ben.mine.page]
    for (const page of [annPage, benPage]) {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    }
    await Promise.all([ann.twin.stop(), ben.twin.stop()])
    // Pages of two owners that were loaded anew do not meet without their twins
    await Promise.all([annPage.reload(), benPage.reload()])
    await type(annPage, 'Trip. ', 'Home')
    await shows(annPage, 'Trip. Ours: # Packing for two')
    await type(benPage, ' today', 'End')
    await shows(benPage, 'Ours: # Packing for two today')
    await Promise.all([ann.start(), ben.start()])
    const whole = 'Trip. Ours: # Packing for two today'
    // The name at a cursor stands in between
    for (const page of [annPage, benPage]) {
      for (const part of whole.split(/(?=Ours)/)) await shows(page, part)
    }
    for (const { twin } of [ann, ben]) {
      await twin.eventually<{ text: string }>(['notes', 'read', note], ([read]) => read?.text === whole)
    }
    expect([...(await ann.mine.breaches()), ...(await ben.mine.breaches())]).deep.equal([])
  })

  it('what is typed right before a page is loaded anew is stored', async () => {
    for (const [{ mine, twin }, word] of [
      [ann, ' at noon'],
      [ben, ' or later']
    ] as const) {
      await type(mine.page, word, 'End')
      await mine.page.reload()
      await shows(mine.page, word.trim())
      await twin.eventually<{ text: string }>(['notes', 'read', note], ([read]) => read?.text.endsWith(word) === true)
    }
  })
}
