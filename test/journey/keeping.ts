import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { keptBy } from '../console/console-page.ts'
import { Person } from './person.ts'
import { letIn, offerLink, pair } from './two-homes.ts'

/** What a second browser keeps of a console, and does not. The first one ends where the twin of somebody else is talked with. */
export function keepingSuite(other: string, get: () => { mine: Person; second: Browser }): void {
  it('leaves nothing on a borrowed machine', async () => {
    const { mine, second } = get()
    const guest = await Person.at(second, 'Hotel')
    const link = await offerLink(mine)
    await guest.open(link)
    await guest.press('This machine is not mine')
    await guest.fill('Name of this device', 'Hotel')
    await guest.press('Connect this browser')
    await letIn(mine, guest, 'Hotel')
    await guest.sees('Borrowed machine')
    await guest.sees('Buy milk')
    await guest.say('Sent from the hotel')
    await guest.sees('On your twin')
    // A browser remembers addresses
    await guest.press('People')
    await guest.sees('Invite somebody')
    expect(guest.page.url()).not.include('people')
    expect(await keptBy(guest.page)).deep.equal([])
    const after = await guest.page.browserContext().newPage()
    const url = guest.page.url().split('#')[0]!
    await guest.page.close()
    await after.goto(url)
    await after.waitForSelector('.door h1')
    expect(await keptBy(after)).deep.equal([])
    await guest.leave()
    await mine.press('Conversations')
    await mine.press('Notes to yourself')
    await mine.sees('Sent from the hotel')
  })

  it('says after a reload that what the browser kept is gone', async () => {
    const { mine, second } = get()
    const guest = await Person.at(second, 'Wiped')
    await pair(mine, guest, 'Wiped')
    await guest.page.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name!)
    })
    await guest.sees('Connect it anew')
    await guest.page.reload()
    await guest.sees('What this browser kept is gone')
    await guest.shoot('gone')
    expect((await keptBy(guest.page)).filter(name => name.startsWith('database'))).deep.equal([])
    await guest.leave()
    await mine.press('Conversations')
    await mine.press(other)
  })
}
