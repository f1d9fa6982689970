import { expect } from 'chai'
import type { ConsoleHome } from './two-homes.ts'

interface Row {
  readonly kind: string
  readonly path: string
  readonly roundTrip: string
  readonly since: string
}

/** The mesh as the console draws it, with a friend whose twin stops. */
export function meshPageSuite(home: () => ConsoleHome): void {
  /** What the table says of somebody by now */
  const rowsOf = (who: string): Promise<Row[]> =>
    home().mine.page.$$eval(
      '.mesh-table tbody tr',
      (rows, name) =>
        rows
          .map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))
          .flatMap(([first, kind = '', path = '', roundTrip = '', since = '']) =>
            first === name ? [{ kind, path, roundTrip, since }] : []
          ),
      who
    )

  it('says of a friend and of the browser itself how they are connected and how fast, at the first look', async () => {
    const { mine, friendName } = home()
    await mine.page.reload()
    await mine.press('Mesh')
    await mine.page.waitForSelector('.mesh-table tbody tr')
    const [friend] = await rowsOf(friendName)
    expect(friend!.kind).equal('Contact')
    // Either may have been met at an address of the network
    expect(friend!.path).match(/^(this machine|local network|direct)$/)
    const own = (await rowsOf(home().name)).find(({ path }) => path !== 'away')!
    expect(`${own.kind}, ${own.path}`).match(/^Your device, (this machine|local network)$/)
    for (const { roundTrip, since } of [friend!, own]) {
      expect(roundTrip).match(/^(< 1|\d+(\.\d)?) ms$/)
      expect(since).not.equal('')
    }
    const figures = await mine.page.$$eval('.mesh-latency', all => all.map(one => one.textContent))
    expect(figures.filter(text => !/ ms$/.test(text ?? ''))).deep.equal([])
    expect(figures.length).at.least(2)
  })

  it('shows a friend whose twin stops as away, without a click', async () => {
    const { friend, friendName, mine, start } = home()
    await friend.stop()
    await mine.page.waitForFunction(
      name =>
        [...document.querySelectorAll('.mesh-table tbody tr')].some(row => {
          const [who, , path] = [...row.querySelectorAll('td')].map(cell => cell.textContent)
          return who === name && path === 'away'
        }),
      {},
      friendName
    )
    const [away] = await rowsOf(friendName)
    expect(away).deep.equal({ kind: 'Contact', path: 'away', roundTrip: '', since: '' })
    await start(friend)
    expect(await mine.breaches()).deep.equal([])
  })
}
