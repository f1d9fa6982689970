import { expect } from 'chai'
import type { Page } from 'puppeteer-core'
import { openConversation } from './console-page.ts'

type Call = (...request: unknown[]) => Promise<unknown>

const box = '.composer-text'

/** One person writes in the conversations of the scene. */
export function writingSuite(consolePage: () => Page): void {
  let page: Page
  before(() => {
    page = consolePage()
  })

  const open = (name: string) => openConversation(page, name)
  const visit = (hash: string) =>
    page.evaluate(to => {
      location.hash = to
    }, hash)
  const typed = () => page.$eval(box, element => (element as HTMLTextAreaElement).value)
  const holds = (text: string) =>
    page.waitForFunction(
      (selector, wanted) => document.querySelector<HTMLTextAreaElement>(selector)?.value === wanted,
      {},
      box,
      text
    )
  const shows = (text: string) =>
    page.waitForFunction(
      words => [...document.querySelectorAll('.message-text')].at(-1)?.textContent === words,
      {},
      text
    )
  const clear = async () => {
    await page.focus(box)
    await page.keyboard.down('Control')
    await page.keyboard.press('KeyA')
    await page.keyboard.up('Control')
    await page.keyboard.press('Backspace')
    await holds('')
  }
  /** The tool of the newest message */
  const press = (label: string) =>
    page.evaluate(name => {
      const newest = [...document.querySelectorAll('.message')].at(-1)
      newest?.querySelector<HTMLElement>(`.message-tools [aria-label="${name}"]`)?.click()
    }, label)
  /** What is sent from now on waits until it is let go, or fails then. */
  const hold = () =>
    page.evaluate(() => {
      const { chat } = (globalThis as unknown as { clients: { chat: Record<string, Call> } }).clients
      const real = { send: chat.send!, edit: chat.edit! }
      for (const name of ['send', 'edit'] as const) {
        chat[name] = (...request) =>
          new Promise((resolve, reject) => {
            const letGo = (fails: boolean) => {
              Object.assign(chat, real)
              if (fails) reject(new Error('The twin did not take it'))
              else resolve(real[name](...request))
            }
            Object.assign(globalThis, { letGo })
          })
      }
    })
  const letGo = ({ fails = false } = {}) =>
    page.evaluate(how => (globalThis as unknown as { letGo: (fails: boolean) => void }).letGo(how), fails)

  it('half a letter is there again after another conversation and another page were looked at', async () => {
    await open('Marie')
    await page.type(box, 'Half a let')
    await open('Tomás')
    expect(await typed()).equal('')
    await page.type(box, 'To somebody else')
    await visit('#/people')
    await page.waitForSelector('.items a[href^="#/people/"]')
    await open('Marie')
    expect(await typed()).equal('Half a let')
    await clear()
    await open('Tomás')
    expect(await typed()).equal('To somebody else')
    await clear()
  })

  it('what is typed before a message has gone is the next one, and one that does not go comes back before it', async () => {
    await open('Marie')
    await hold()
    await page.type(box, 'The first')
    await page.keyboard.press('Enter')
    await holds('')
    await page.keyboard.type('The next')
    await letGo()
    await shows('The first')
    expect(await typed()).equal('The next')
    await hold()
    await page.keyboard.press('Enter')
    await holds('')
    await page.keyboard.type('and one more')
    await open('Tomás')
    await letGo({ fails: true })
    await page.waitForFunction(() => document.querySelector('.toasts')?.textContent?.includes('did not take it'))
    await open('Marie')
    await holds('The next\nand one more')
    await clear()
  })

  it('what was not sent outlives the change of a message, whether that is sent or left by Escape', async () => {
    await open('Marie')
    await page.type(box, 'Not sent yet')
    await press('Edit')
    await holds('The first')
    await page.keyboard.press('Escape')
    await holds('Not sent yet')
    expect(await page.$('.composer-draft')).equal(null)
    await press('Edit')
    await holds('The first')
    await page.keyboard.type(', changed')
    await page.keyboard.press('Enter')
    await shows('The first, changed')
    await holds('Not sent yet')
    await hold()
    await press('Edit')
    await holds('The first, changed')
    await page.keyboard.type(' again')
    await page.keyboard.press('Enter')
    await holds('Not sent yet')
    await letGo({ fails: true })
    await holds('The first, changed again')
    await page.keyboard.press('Escape')
    await holds('Not sent yet')
    await clear()
  })

  it('a reaction is given by keyboard alone, and the focus is on the message again', async () => {
    await open('Marie')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
    const isNewest = () =>
      page.evaluate(() => [...document.querySelectorAll('.message')].at(-1) === document.activeElement)
    await page.focus('.message:last-child')
    await page.focus('.message:last-child .message-tools button')
    expect(await focused()).equal('React')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.emoji:focus')
    expect(await focused()).equal('React with 👍')
    await page.waitForFunction(
      () => getComputedStyle(document.querySelector('.message-tools[data-choosing="true"]')!).opacity === '1'
    )
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.querySelector('.emoji') === null)
    expect(await isNewest()).equal(true)
    await page.focus('.message:last-child .message-tools button')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.emoji:focus')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.message:last-child .reaction')
    expect(await isNewest()).equal(true)
    expect(await page.$eval('.message:last-child .reaction', element => element.textContent)).include('❤️')
  })

  it('a drag of files that leaves the window leaves no sign, and a dragged text is none of its business', async () => {
    await open('Marie')
    const drag = (type: string, what: 'file' | 'text', to: 'window' | 'message') =>
      page.evaluate(
        (name, carried, towards) => {
          const dataTransfer = new DataTransfer()
          if (carried === 'file') dataTransfer.items.add(new File(['x'], 'plan.txt'))
          else dataTransfer.setData('text/plain', 'Some words')
          const relatedTarget = towards === 'window' ? null : document.querySelector('.message')
          const init = { dataTransfer, relatedTarget, bubbles: true, cancelable: true }
          // Over what lies in it, as a drag is as good as always
          return !document.querySelector('.messages')!.dispatchEvent(new DragEvent(name, init))
        },
        type,
        what,
        to
      )
    expect(await drag('dragover', 'text', 'message')).equal(false)
    expect(await drag('drop', 'text', 'message')).equal(false)
    expect(await page.$('.drop')).equal(null)
    expect(await drag('dragover', 'file', 'message')).equal(true)
    await page.waitForSelector('.drop')
    await drag('dragleave', 'file', 'message')
    await page.waitForSelector('.drop')
    await drag('dragleave', 'file', 'window')
    await page.waitForFunction(() => document.querySelector('.drop') === null)
    await drag('dragover', 'file', 'message')
    expect(await drag('drop', 'file', 'message')).equal(true)
    await page.waitForFunction(() => document.querySelector('.composer-files')?.textContent?.includes('plan.txt'))
    expect(await page.$('.drop')).equal(null)
    await page.click('[aria-label="Leave out plan.txt"]')
    await page.waitForFunction(() => document.querySelector('.composer-files') === null)
  })

  it('a group says who is in it, and whoever made it adds somebody', async () => {
    await open('Cabin weekend')
    const says = (name: string) =>
      page.waitForFunction(
        words => document.querySelector('.conversation-state')?.textContent?.includes(words),
        {},
        name
      )
    await says('Tomás Rivera')
    expect(await page.$eval('.conversation-state', element => element.textContent))
      .include('You')
      .and.not.include('Ruth')
    await page.click('.conversation-head [aria-label="Members"]')
    const button = await page.waitForSelector('::-p-aria([name="Add Grandma Ruth"][role="button"])')
    await button!.click()
    await page.waitForFunction(() =>
      document.querySelector('dialog ul[aria-label="Members"]')?.textContent?.includes('Grandma Ruth')
    )
    await page.keyboard.press('Escape')
    await says('Grandma Ruth')
  })
}
