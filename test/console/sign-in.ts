import { expect } from 'chai'
import type { SignIn } from '../../protocols/login/index.ts'
import { LoginSite } from '../harness/login-site.ts'
import type { TwinProcess } from '../harness/twin.ts'
import type { Person } from '../journey/person.ts'

interface AtHome {
  readonly twin: TwinProcess
  /** Whose browser is the second device of the twin */
  readonly mine: Person
}

/** Somebody signs in at a web site with the console of their twin, which is off in the end. */
export function signInSuite(me: string, home: () => AtHome): void {
  let twin: TwinProcess
  let mine: Person
  let site: LoginSite
  let page: Person['page']
  let url: string

  before('a site runs, and the twin has a name for it', async () => {
    ;({ twin, mine } = home())
    page = mine.page
    await twin.object('profile', 'set', '--name', me)
    site = await LoginSite.start()
    url = (await twin.object<{ console: string }>('status')).console
  })

  after(() => site?.stop())

  /** What the site asks in this browser, read off its page in a tab of its own */
  async function asked(): Promise<string> {
    const tab = await page.browserContext().newPage()
    await tab.goto(site.origin)
    const code = await tab.$eval('#code', element => element.textContent ?? '')
    await tab.close()
    return code
  }

  const show = async (item: string) => {
    // Nothing can be allowed in a page that is behind another
    await page.bringToFront()
    await page.evaluate(to => {
      location.hash = to
    }, item)
  }
  const shownSite = async () => {
    await page.waitForSelector('.sign-in-site')
    return await page.$eval('.sign-in-site', element => element.textContent)
  }
  const allow = '.sign-in .button[data-kind="main"]:not([disabled])'
  const here = () => twin.list<SignIn>('login', 'list')
  /** Whom the site greets once the browser is there */
  async function greeted(): Promise<string | null> {
    await page.waitForFunction(
      to => location.origin === to && document.querySelector('#twin') !== null,
      {},
      site.origin
    )
    return await page.$eval('#twin', element => element.textContent)
  }

  it('shows the exact address and what it learns, signs nothing by being opened, and goes back by a click', async () => {
    const before = mine.complaints.length
    await show(`#${await asked()}`)
    expect(await shownSite()).equal(site.origin)
    const words = await page.$eval('.sign-in', element => element.textContent ?? '')
    expect(words)
      .include('You have not signed in here before')
      .and.include(`Your name: ${me}`)
      .and.include('your devices, with their names')
    await page.waitForSelector(allow)
    expect(new URL(page.url()).origin).equal(new URL(url).origin)
    expect(await here()).deep.equal([])
    expect(await mine.breaches()).deep.equal([])
    await page.click(allow)
    expect(await greeted()).equal(twin.id)
    expect(await page.$eval('h1', element => element.textContent)).equal(`Welcome, ${me}`)
    // The answer is in no address any more
    expect(page.url()).equal(`${site.origin}/`)
    // Of a twin that was off a while ago Firefox says only now that it was not reached
    const complaints = mine.complaints.slice(before).filter(text => !text.includes('ICE failed'))
    expect(complaints).deep.equal([])
    await page.click('form button')
    await page.waitForSelector('#sign-in')
  })

  it('knows the site the next time, and tells it nothing when asked not to', async () => {
    await page.goto(url)
    await page.waitForSelector('.frame')
    const [signIn] = await twin.eventually<SignIn>(['login', 'list'], items => items.length > 0)
    expect(signIn).deep.include({ site: site.origin, device: 2, count: 1 })
    // As a browser gives it that opens web+twin: links here
    await show(`#login/${encodeURIComponent(`web+twin:${await asked()}`)}`)
    expect(await shownSite()).equal(site.origin)
    expect(await page.$eval('.sign-in', element => element.textContent)).include('You signed in here before')
    await page.evaluate(() => document.querySelector<HTMLElement>('.sign-in .button')?.click())
    await page.waitForFunction(() => location.hash === '#/chats')
    expect((await here())[0]!.count).equal(1)
  })

  it('says why it answers nothing that was damaged', async () => {
    await show(`#${(await asked()).slice(0, -6)}`)
    await page.waitForSelector('.notice[data-kind="bad"]')
    expect(await page.$(allow)).equal(null)
  })

  it('signs with the key of the browser also while the twin is off, and leaves out a name that is not granted', async () => {
    const code = await asked()
    await twin.stop()
    await show(`#${code}`)
    expect(await shownSite()).equal(site.origin)
    await page.evaluate(() => document.querySelector<HTMLElement>('.sign-in-scopes input')?.click())
    await page.waitForSelector(allow)
    await page.click(allow)
    expect(await greeted()).equal(twin.id)
    expect(await page.$eval('h1', element => element.textContent)).equal('Welcome')
  })
}
