import { expect } from 'chai'
import type { Writer } from './co-edit.ts'
import { LightPage } from './light-page.ts'

/** A note in two tabs of a person's browser and in the page of another one, both of which run. */
export function twoTabsSuite(where: string, people: () => { readonly mine: Writer; readonly other: Writer }): void {
  const notebook = `Tour in ${where}`
  let mine: Writer
  let other: Writer
  let first: LightPage
  let second: LightPage
  let friend: LightPage
  let note: string

  before('two people share a notebook, one of them with two tabs', async function () {
    this.timeout(90_000)
    ;({ mine, other } = people())
    first = mine.page
    friend = other.page
    await Promise.all([first.connected(), friend.connected()])
    // Both twins may have been started again a moment ago: how soon they meet is not what this is about
    await mine.twin.eventually<{ peer: string }>(['peers'], peers =>
      peers.some(({ peer }) => peer === other.twin.started?.device)
    )
    await first.until(
      () => first.call<{ name?: string; code?: string }>('notes', 'createNotebook', { name: notebook }),
      found => found.name === notebook || found.code === 'AlreadyExists'
    )
    await first.until(
      () => first.call<{ name: string }[]>('notes', 'notebooks'),
      found => found.some(({ name: made }) => made === notebook)
    )
    const made = await first.call<{ id: string }>('notes', 'create', { notebook, text: 'We go.' })
    note = made.id
    await first.call('notes', 'share', { notebook, who: other.twin.id })
    await friend.accepts(`${mine.name}/${notebook}`)
    second = await LightPage.open(first.page.browserContext(), first.page.url())
    expect(await second.run('start')).equal('started')
    expect((await second.run('state')).isLeading).equal(false)
  })

  const shows = (page: LightPage, text: string) =>
    page.until(
      () => page.run('note'),
      found => found.text === text
    )

  it('both tabs write, and what each writes is in the other and with the second person', async () => {
    for (const page of [first, second, friend]) {
      await page.until(
        () => page.run('openNote', note),
        answer => answer === 'open'
      )
    }
    await second.run('type', ' Second tab.')
    for (const page of [first, friend]) await shows(page, 'We go. Second tab.')
    await first.run('type', 'First tab. ', false)
    for (const page of [second, friend]) await shows(page, 'First tab. We go. Second tab.')
    await friend.run('type', ' Theirs.')
    for (const page of [first, second]) await shows(page, 'First tab. We go. Second tab. Theirs.')
    const [read] = await mine.twin.eventually<{ text: string }>(
      ['notes', 'read', note],
      ([found]) => found?.text.endsWith('Theirs.') === true
    )
    expect(read!.text).equal('First tab. We go. Second tab. Theirs.')
  })

  it('the other person is seen in both, is told of one cursor, and is connected directly with both', async () => {
    for (const page of [first, second]) {
      const { others } = await page.until(
        () => page.run('note'),
        found => found.others.some(({ hasCursor, isDirect }) => hasCursor && isDirect)
      )
      expect(others.map(other => other.name)).deep.equal([other.name])
    }
    const { others } = await friend.until(
      () => friend.run('note'),
      found => found.others.some(({ hasCursor }) => hasCursor)
    )
    expect(others.map(other => other.name)).deep.equal([mine.name])
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
    for (const page of [second, friend]) await shows(page, text)
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
    await shows(friend, `${before} Alone. And on.`)
    // Also what it typed when another tab led
    for (const left of [`${before} Alone.`, before, before.replace(/b5/, '')]) {
      await second.run('undo')
      for (const page of [second, friend]) await shows(page, left)
    }
    expect(second.thrown()).deep.equal([])
  })

  it('a third tab goes on when the second is closed while it and the other person write: nothing stands twice', async () => {
    const before = (await second.run('note')).text
    const third = await LightPage.open(second.page.browserContext(), second.page.url())
    expect(await third.run('start')).equal('started')
    await third.until(
      () => third.run('openNote', note),
      answer => answer === 'open'
    )
    await shows(third, before)
    await Promise.all([third.run('type', ' We meet.'), friend.run('type', 'Now: ', false), second.close()])
    await third.until(
      () => third.run('state'),
      ({ isLeading }) => isLeading === true
    )
    for (const page of [third, friend]) await shows(page, `Now: ${before} We meet.`)
    expect((await friend.run('note')).text).equal(`Now: ${before} We meet.`)
  })
}
