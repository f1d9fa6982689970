import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { type BrowserName, needBrowsers } from '../browser/browsers.ts'
import { dropSuite } from '../console/drop.ts'
import { notesSuite } from '../console/notes.ts'
import { signInSuite } from '../console/sign-in.ts'
import type { TwinProcess } from '../harness/twin.ts'
import { attack, refusedInEachWay } from './hostile-page.ts'
import { keepingSuite } from './keeping.ts'
import { meshPageSuite } from './mesh-page.ts'
import { Person } from './person.ts'
import { terminalSuite } from './terminal.ts'
import { agents, comeWith, expired, offerLink, pair, people, TwoHomes } from './two-homes.ts'

const names: readonly BrowserName[] = ['chromium', 'firefox']
const lan = Object.values(networkInterfaces())
  .flatMap(found => found ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
const options = lan === undefined ? [] : ['--console-listen', lan]
/** Time in which somebody who was shut out may go on, with two busy cores */
const atOnceMs = 15_000

describe('a person with two browsers', function () {
  this.timeout(120_000)
  let homes: TwoHomes
  before(async () => {
    needBrowsers(names)
    homes = await TwoHomes.open(names, options)
  })
  after(() => homes?.close())
  /** At home in the first browser, and at home in the second */
  const owners: Person[] = []

  for (const [at, first] of names.entries()) {
    const second = names[1 - at]!
    describe(`at home in ${first}, with ${second} as the new one`, () => {
      const [me, other] = [people[at], people[1 - at]]
      let twin: TwinProcess
      let friend: TwinProcess
      let mine: Person
      let used: string
      /** Comes with links that let nobody in */
      let stranger: Person
      before(() => {
        twin = homes.twins[at]!
        friend = homes.twins[1 - at]!
      })

      it('claims the twin with its first link and one button, and the command line reads the first note', async () => {
        mine = await Person.at(homes.browsers.get(first)!, `${first}-first`)
        owners[at] = mine
        const link = twin.started!.console
        const { console: url } = await twin.object<{ console: string }>('status')
        expect(link.startsWith(`${url}#claim/`)).equal(true)
        await mine.open(link)
        await mine.sees('Your twin is waiting for you')
        expect(mine.page.url()).equal(url)
        await mine.shoot('claim')
        await mine.press('Connect this browser')
        await mine.sees('A place for yourself')
        await mine.sees('On this machine')
        await mine.say('Buy milk')
        await mine.sees('On your twin')
        await mine.shoot('claimed')
        expect(mine.page.url()).not.include('claim')
        const said = await twin.run(['chat', 'history', 'Notes to yourself', '--json'])
        expect(said.stdout).include('Buy milk')
        expect(await mine.breaches()).deep.equal([])
        expect(mine.complaints).deep.equal([])
        const listeners = twin.started!.addresses.map(text => /^\/ip4\/([\d.]+)\/tcp\/(\d+)\/ws/.exec(text))
        const known = listeners.map(found => `${found?.[1]}:${found?.[2]}`)
        expect(mine.foreignTo(url).filter(address => !known.includes(new URL(address).host))).deep.equal([])
      })

      it('lets a second browser in by six digits, and both list each other', async () => {
        const guest = await Person.at(homes.browsers.get(second)!, 'Kitchen')
        const link = await pair(mine, guest, 'Kitchen')
        used = link
        // What was written before it came
        await guest.sees('Buy milk')
        await guest.say('And bread')
        await mine.press('Conversations')
        await mine.press('Notes to yourself')
        await mine.sees('And bread')
        await mine.press('Devices')
        await guest.press('Devices')
        for (const person of [mine, guest]) {
          await person.sees('Kitchen')
          await person.sees(agents[first])
          await person.sees('This browser')
          await person.sees('on the machine of your twin')
          // The new one may not; the first one may
          await person.sees('It can change no devices')
          const notices = await person.page.$$eval('.notice', all => all.map(one => one.textContent))
          expect(notices.filter(text => text?.includes('It can change no devices')).length).equal(1)
          await person.shoot('devices')
        }
        expect(guest.complaints).deep.equal([])
        // Not its owner's after all
        await mine.press('This was not me')
        await mine.press('It was not me')
        const since = performance.now()
        await guest.sees('This browser was shut out of your twin')
        const ms = performance.now() - since
        console.log(`        shut out after ${Math.round(ms)} ms`)
        expect(ms).below(atOnceMs)
        await guest.shoot('not-me')
        await mine.sees('It is shut out, and what it wrote is taken back')
        await mine.shoot('not-me')
        await mine.press('Conversations')
        await mine.press('Notes to yourself')
        await mine.sees('Buy milk')
        await mine.seesNoMore('And bread')
        const kept = await twin.run(['chat', 'history', 'Notes to yourself', '--json'])
        expect(kept.stdout).include('Buy milk').and.not.include('And bread')
        expect(guest.page.url()).not.include('pair')
        await guest.leave()
      })

      it('a link that was used, or whose time is over, says so', async () => {
        stranger = await Person.at(homes.browsers.get(second)!, 'Stranger')
        await comeWith(used, stranger, 'Late')
        await stranger.sees('The link is not open any more: make a new one at your twin')
        await stranger.shoot('used')
        await comeWith(expired(used), stranger, 'Old')
        await stranger.sees('The link has expired: make a new one at your twin')
        expect((await twin.run(['devices'])).stdout).not.match(/Late|Old/)
      })

      it('other digits burn the link, and both sides say so', async () => {
        const link = await offerLink(mine)
        await comeWith(link, stranger, 'Guess')
        const digits = (await stranger.read('.code-big')).replace(' ', '')
        await stranger.shoot('digits')
        await mine.fill(
          'Six digits',
          digits.replace(/.$/, last => String((Number(last) + 1) % 10))
        )
        await mine.shoot('digits')
        await mine.press('Let it in')
        await mine.sees('Other digits were typed: the link is burnt')
        await stranger.sees('Other digits were typed: make a new link at your twin')
        await mine.shoot('burnt')
        await stranger.shoot('burnt')
        await mine.press('Close')
        expect((await twin.run(['devices'])).stdout).not.include('Guess')
      })

      it('talks with somebody at a command line, and the words below a message follow it', async () => {
        await mine.press('Conversations')
        await friend.object('chat', 'send', me!, 'Are you there?')
        await mine.press(other!)
        await mine.sees('Are you there?')
        await mine.say('In a browser!')
        await mine.sees(`On the twin of ${other}`)
        const said = await friend.list<{ text: string }>('chat', 'history', me!)
        expect(said.at(-1)?.text).equal('In a browser!')
        await mine.sees(`${other} opened it`)
        await mine.shoot('opened')
      })

      keepingSuite(other!, () => ({ mine, second: homes.browsers.get(second)! }))

      it('waits for a twin that restarts, and has everything after a reload', async () => {
        await twin.stop()
        await mine.sees('Your twin is not reached')
        await mine.say('Written without a twin')
        await mine.sees('Saved here')
        await mine.shoot('alone')
        await homes.start(twin)
        await mine.seesNoMore('Your twin is not reached')
        await mine.sees(`On the twin of ${other}`)
        await mine.page.reload()
        for (const text of ['Are you there?', 'In a browser!', 'Written without a twin']) await mine.sees(text)
        // Rows move while they arrive
        await mine.sees('Sent from the hotel')
        await mine.press('Notes to yourself')
        await mine.sees('Buy milk')
        expect((await twin.run(['devices', '--json'])).stdout).match(/"state":"connected"/)
      })

      it('shuts a device out from the list', async () => {
        await pair(mine, stranger, 'Library')
        // The notice comes above the list
        await mine.sees('Library is a new device of yours')
        await mine.press('Shut out Library')
        await mine.sees('Shut out Library for ever?')
        await mine.press('Shut out')
        await stranger.sees('This browser was shut out of your twin')
        await mine.sees('Library, just now')
        expect((await twin.run(['devices', '--json'])).stdout).match(/"name":"Library"[^\n]*"state":"revoked"/)
        await stranger.leave()
      })

      it('a page of another site gets nothing of the console and no call to the twin', async () => {
        const { console: link } = await twin.object<{ console: string }>('status')
        const listener = twin.started!.addresses.find(text => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/.test(text))!
        const spoils = await attack(first, homes.browsers.get(first)!, { console: link, listener })
        expect(spoils.statuses).deep.equal(refusedInEachWay)
        expect(spoils.taken).deep.equal([])
        expect(spoils.rebound).deep.equal([421, 421])
        // It greets in the words of libp2p, and knows nothing before Noise
        expect(spoils.said.replace(/[^\w/.]+/g, ' ').trim()).equal('/multistream/1.0.0 na')
        // With Noise it is a stranger, who sees a name
        const { 'profile.show': shown, ...others } = spoils.outcomes
        expect(shown).equal('accepted')
        expect(Object.keys(others)).include.members(['kv.get', 'chat.conversations', 'devices.list'])
        expect(new Set(Object.values(others))).deep.equal(new Set(['PermissionDenied']))
      })

      it('from another machine over plain http the page says what does not work and what to do', async function () {
        if (lan === undefined) {
          console.log('        not run: this machine has no address but loopback')
          return this.skip()
        }
        const { console: link } = await twin.object<{ console: string }>('status')
        const away = await Person.at(homes.browsers.get(first)!, `${first}-away`)
        await away.open(link.replace('127.0.0.1', lan))
        await away.sees('This page is not safe from here')
        await away.sees('twin start --console-url')
        await away.sees(`ssh -L`)
        await away.shoot('lan')
        expect(away.page.url()).include(lan)
        await away.leave()
      })
    })
  }

  describe('notes in the consoles of two people', () => {
    const [ada, marie] = people.map((name, at) => () => {
      const twin = homes.twins[at]!
      return { name, twin, mine: owners[at]!, start: () => homes.start(twin) }
    })
    notesSuite(() => ({ ann: marie!(), ben: ada!() }))
  })

  for (const [at, name] of names.entries()) {
    const home = () => homes.consoleOf(at, owners[at]!)
    describe(`a browser that comes by the terminal, with a console open in ${name}`, () => terminalSuite(home))
    describe(`dropping files in ${name}`, () => dropSuite(home))
    describe(`the mesh in ${name}`, () => meshPageSuite(home))
  }

  for (const [at, name] of names.entries()) {
    describe(`signing in at a site with the console in ${name}`, () => {
      signInSuite(people[at]!, () => ({ twin: homes.twins[at]!, mine: owners[at]! }))
    })
  }
})
