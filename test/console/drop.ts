import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { temporaryFolder } from '../harness/twin.ts'
import type { ConsoleHome } from '../journey/two-homes.ts'

interface Noted {
  readonly id: string
  readonly attachments?: readonly { readonly name: string; readonly size: number; readonly type: string }[]
}

/** More than one chunk */
const length = 300_000

/** A file is dropped on the notes to oneself in the console. */
export function dropSuite(home: () => ConsoleHome): void {
  it('a file that is dropped on the notes to yourself is shown there, and saved bit for bit at the command line', async () => {
    const { mine, twin } = home()
    await mine.press('Conversations')
    await mine.press('Notes to yourself')
    await mine.page.waitForSelector('.conversation .composer-text')
    await mine.page.evaluate(dropFile, 'seeds.bin', length)
    await mine.page.waitForFunction(() => document.querySelector('.composer-files')?.textContent?.includes('seeds.bin'))
    expect(await mine.page.$('.drop')).equal(null)
    await mine.press('Send')
    await mine.page.waitForFunction(
      () => [...document.querySelectorAll('.messages .file-name')].at(-1)?.textContent === 'seeds.bin'
    )
    const attached = { name: 'seeds.bin', size: length, type: 'application/x-seeds' }
    const notes = await twin.eventually<Noted>(['chat', 'history', 'Notes to yourself'], lines =>
      lines.some(({ attachments }) => attachments !== undefined)
    )
    const { id, attachments } = notes.at(-1)!
    expect(attachments![0]).include(attached)
    const folder = await temporaryFolder()
    try {
      const args = ['chat', 'save', 'Notes to yourself', id, '--to', folder.path]
      const { path } = await twin.object<{ path: string }>(...args)
      const expected = Uint8Array.from({ length }, (_, at) => (at * at) % 251)
      expect((await readFile(path)).equals(expected)).equal(true)
    } finally {
      await folder.remove()
    }
    expect(await mine.breaches()).deep.equal([])
  })
}

/** Runs in the page: what the browser does when somebody lets go of a file over it. */
function dropFile(name: string, length: number): void {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * at) % 251)
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([bytes], name, { type: 'application/x-seeds' }))
  const target = document.querySelector('.conversation .transcript')!
  for (const type of ['dragenter', 'dragover', 'drop']) {
    target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
  }
}
