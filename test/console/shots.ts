import type { Page } from 'puppeteer-core'
import type { Client } from '../../protocols/core/index.ts'
import type { kvProtocol } from '../../protocols/kv/protocol.ts'
import { pairingLinkToText } from '../../protocols/pairing/index.ts'
import { sceneNow } from './scene/stage.ts'

export interface Shot {
  readonly name: string
  readonly search?: string
  /** What stands behind the `#` before the page is loaded */
  readonly link?: string
  readonly hash?: string
  /** As a browser shows it over plain http from another machine */
  readonly isInsecure?: true
  readonly act?: (page: Page) => Promise<unknown>
}

/** Opens the first item of the list whose words are these. */
const choose = (words: string) => async (page: Page) => {
  await page.waitForFunction(
    text => [...document.querySelectorAll('a.item')].some(item => item.textContent?.includes(text)),
    {},
    words
  )
  await page.evaluate(text => {
    const item = [...document.querySelectorAll<HTMLElement>('a.item')].find(found => found.textContent?.includes(text))
    item?.click()
  }, words)
}

const press = (label: string) => async (page: Page) => {
  const button = await page.waitForSelector(`::-p-aria([name="${label}"][role="button"])`)
  await button?.evaluate(element => (element as HTMLElement).click())
}

const inOrder =
  (...steps: readonly ((page: Page) => Promise<unknown>)[]) =>
  async (page: Page) => {
    for (const step of steps) await step(page)
  }

const see = (selector: string) => (page: Page) => page.waitForSelector(selector)

const focus = (selector: string) => async (page: Page) => {
  await page.waitForSelector(selector)
  await page.focus(selector)
}

/** Somebody types, and the value is another one meanwhile. */
const changeMeanwhile = async (page: Page) => {
  await page.waitForSelector('.entry textarea')
  await page.type('.entry textarea', ', tea')
  await page.evaluate(async () => {
    const { kv } = (globalThis as unknown as { clients: { kv: Client<typeof kvProtocol> } }).clients
    await kv.put({ key: 'shopping', value: 'oats, lamp oil, candles' })
  })
  await page.waitForSelector('.entry .notice')
}

/** In its shadow root */
const seeEditor = (page: Page) =>
  page.waitForFunction(() => document.querySelector('.note-text')?.shadowRoot?.querySelector('.remote-caret') != null)

const connect = '.button-big:not([disabled])'
const tell = (type: string, detail: object) => (page: Page) =>
  page.evaluate((name, words) => dispatchEvent(new CustomEvent(name, { detail: words })), type, detail)
const longName = 'Workstation in the attic, behind the chimney, next to the cider'

/** Every page, and what opens on it. */
export const shots: readonly Shot[] = [
  { name: 'chats', hash: '#/chats', act: see('.item .mark') },
  { name: 'conversation', hash: '#/chats', act: inOrder(choose('Marie'), see('.attachment img'), see('.delivery')) },
  { name: 'group', hash: '#/chats', act: inOrder(choose('Cabin weekend'), see('.message')) },
  {
    name: 'members',
    hash: '#/chats',
    act: inOrder(choose('Cabin weekend'), press('Members'), see('dialog .icon-button[aria-label^="Add"]'))
  },
  {
    name: 'tools',
    hash: '#/chats',
    act: inOrder(choose('Marie'), see('.attachment img'), focus('.message:last-child'))
  },
  {
    name: 'reactions',
    hash: '#/chats',
    act: inOrder(choose('Marie'), click('.message:last-child .message-tools button'), see('.emoji:focus'))
  },
  {
    name: 'changing',
    hash: '#/chats',
    act: inOrder(choose('Marie'), click('.message:last-child [aria-label="Edit"]'), see('.composer-draft'))
  },
  {
    name: 'ladder',
    hash: '#/chats',
    act: inOrder(choose('Marie'), see('.delivery-button'), click('.delivery-button'), see('.ladder'))
  },
  { name: 'self', hash: '#/chats', act: inOrder(choose('Notes to yourself'), see('.conversation')) },
  { name: 'new-conversation', hash: '#/chats', act: inOrder(press('New conversation'), see('.choices')) },
  { name: 'people', hash: '#/people', act: see('.knock') },
  { name: 'person', hash: '#/people', act: inOrder(choose('Tomás'), see('.person')) },
  { name: 'verify', hash: '#/people', act: inOrder(choose('Tomás'), press('Verify'), see('.digits li:nth-child(12)')) },
  { name: 'invite', hash: '#/people', act: inOrder(press('Invite somebody'), see('.qr')) },
  { name: 'notes', hash: '#/notes', act: see('.notebook') },
  { name: 'note', hash: '#/notes', act: inOrder(choose('Packing list'), seeEditor) },
  { name: 'data', hash: '#/data', act: see('.item-data') },
  { name: 'value', hash: '#/data', act: inOrder(choose('choir/next-rehearsal'), see('.entry')) },
  { name: 'value-changed', hash: '#/data', act: inOrder(choose('shopping'), changeMeanwhile) },
  { name: 'devices', hash: '#/devices', act: see('.device') },
  { name: 'add-device', hash: '#/devices', act: inOrder(press('Add a device'), click('.option'), see('.qr')) },
  { name: 'mesh', hash: '#/mesh', act: see('.mesh-map') },
  { name: 'status', hash: '#/status', act: inOrder(press('Look now'), see('.checks li')) },
  { name: 'settings', hash: '#/settings', act: see('.facts dd') },
  { name: 'sign-ins', hash: '#/login', act: see('.card') },
  { name: 'sign-in', hash: '#/login/scene', act: see('.sign-in .button[data-kind="main"]:not([disabled])') },
  { name: 'more', hash: '#/more', act: see('.more-me') },
  { name: 'offline', search: '?offline', hash: '#/chats', act: see('.strip') },
  {
    name: 'add-device-here',
    search: '?loopback',
    hash: '#/devices',
    act: inOrder(press('Add a device'), click('.option'), see('.copyable'))
  },
  { name: 'away-devices', search: '?offline', hash: '#/devices', act: see('.notice .button') },
  {
    name: 'away-settings',
    search: '?new&offline&bare',
    hash: '#/settings',
    act: inOrder(see('.strip'), see('form .notice'))
  },
  {
    name: 'away-status',
    search: '?new',
    hash: '#/status',
    act: inOrder(see('.health'), tell('scene-path', {}), see('.strip'))
  },
  {
    name: 'new-device',
    search: '?new',
    hash: '#/mesh',
    act: inOrder(see('.mesh-map'), tell('scene-device', { number: 7, name: longName }), see('.toast'))
  },
  {
    name: 'connected-already',
    search: '?new',
    hash: '#/people',
    act: inOrder(go('#pair/scene'), see('.strip'))
  },
  {
    name: 'rename-refused',
    search: '?new',
    hash: '#/devices',
    act: inOrder(press('Rename Phone'), click('dialog [type="submit"]'), see('.hint.bad'))
  },
  {
    name: 'invite-copied',
    search: '?new',
    hash: '#/people',
    act: inOrder(
      press('Invite somebody'),
      type('Ada'),
      press('Go on'),
      press('Copy the invite link'),
      see('dialog .toast')
    )
  },
  {
    name: 'invite-name',
    search: '?new',
    hash: '#/people',
    act: inOrder(press('Invite somebody'), see('dialog .input'))
  },
  { name: 'new-note', search: '?new', hash: '#/notes', act: inOrder(press('New note'), see('.note-text')) },
  { name: 'new-chats', search: '?new', hash: '#/chats', act: see('.items') },
  { name: 'new-people', search: '?new', hash: '#/people', act: see('.empty') },
  { name: 'new-notes', search: '?new', hash: '#/notes', act: see('.empty') },
  { name: 'new-data', search: '?new', hash: '#/data', act: see('.empty') },
  {
    name: 'digits-typed',
    search: '?waiting',
    hash: '#/devices',
    act: inOrder(press('Add a device'), click('.option'), see('.digits-input'))
  },
  { name: 'plain-http', isInsecure: true, act: see('.steps') },
  { name: 'visit', isInsecure: true, link: linkToLook(), act: see(connect) },
  { name: 'visit-chats', search: '?looks', hash: '#/chats', act: inOrder(choose('Marie'), see('.composer-off')) },
  { name: 'visit-note', search: '?looks', hash: '#/notes', act: inOrder(choose('Packing list'), seeEditor) },
  { name: 'visit-devices', search: '?looks', hash: '#/devices', act: see('.device') },
  { name: 'visit-settings', search: '?looks', hash: '#/settings', act: see('.facts dd') },
  { name: 'lost', search: '?lost', act: see('.door .notice') },
  { name: 'first', search: '?first', act: see('.door') },
  { name: 'claim', link: '#claim/scene', act: see(connect) },
  { name: 'words', link: '#claim/scene', act: inOrder(click(connect), see('.code-big')) },
  {
    name: 'words-elsewhere',
    search: '?elsewhere',
    link: '#claim/scene',
    act: inOrder(click(connect), see('.door .notice'))
  },
  { name: 'digits', link: '#pair/scene', act: inOrder(click(connect), see('.code-big')) }
]

/** That nobody answers to */
function linkToLook(): string {
  const bytes = (length: number) => new Uint8Array(length).fill(7)
  const link = pairingLinkToText(
    {
      kind: 'pair',
      level: 'view',
      secret: bytes(16),
      peer: bytes(32),
      twin: bytes(32),
      expiresAt: sceneNow + 600_000,
      addresses: ['/ip4/192.0.2.7/tcp/4001/ws']
    },
    'http://192.0.2.7/'
  )
  return new URL(link).hash
}

function go(hash: string): (page: Page) => Promise<unknown> {
  return page =>
    page.evaluate(to => {
      location.hash = to
    }, hash)
}

function type(text: string): (page: Page) => Promise<unknown> {
  return async page => {
    await page.waitForSelector('dialog .input')
    await page.type('dialog .input', text)
  }
}

function click(selector: string): (page: Page) => Promise<unknown> {
  return async page => {
    await page.waitForSelector(selector)
    await page.$eval(selector, element => (element as HTMLElement).click())
  }
}
