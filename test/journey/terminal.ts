import { expect } from 'chai'
import type { DeviceItem } from '../../protocols/devices/protocol.ts'
import { Program } from '../harness/program.ts'
import { twinFile } from '../harness/twin.ts'
import { Person } from './person.ts'
import { type ConsoleHome, comeWith } from './two-homes.ts'

/** A browser is let in at the terminal of a twin, whose owner has a console open in another browser. */
export function terminalSuite(home: () => ConsoleHome): void {
  let guest: Person
  let program: Program
  let link: string

  before(async () => {
    guest = await Person.at(home().browser, 'At the terminal')
  })
  after(async () => {
    await program?.stop()
    await guest?.leave()
  })

  /** `twin pair`, and a browser that comes with its link */
  async function comeByTerminal(name: string): Promise<string> {
    await program?.stop()
    program = new Program(twinFile, { args: ['pair', '--home', home().twin.home], isTyped: true })
    await program.waitForText('Ctrl-C takes it back')
    link = /http:\/\/\S+#pair\/\S+/.exec(program.printed)![0]
    await comeWith(link, guest, name)
    const digits = (await guest.read('.code-big')).replace(' ', '')
    await program.waitForText(`${name}  `)
    return digits
  }
  const names = async () => (await home().twin.list<DeviceItem>('devices')).map(({ name }) => name)

  it('other digits that are typed there burn the link, and both sides say so', async () => {
    const digits = await comeByTerminal('Guess')
    program.write(`${digits.replace(/.$/, last => String((Number(last) + 1) % 10))}\n`)
    await guest.sees('Other digits were typed: make a new link at your twin')
    const { code, stderr } = await program.exited
    expect(code).equal(1)
    expect(stderr).include('the link is burnt')
    expect(await names()).not.include('Guess')
  })

  it('a link whose time ends at the twin while the digits are shown says so on both sides, and afterwards', async () => {
    await comeByTerminal('Slow')
    process.kill(home().twin.pid, 'SIGUSR2')
    await guest.sees('The link has expired: make a new one at your twin')
    const { code, stderr } = await program.exited
    expect(code).equal(1)
    expect(stderr).include('The link has expired and let nobody in')
    // By the clock of the browser it is good for minutes
    await comeWith(link, guest, 'Slow')
    await guest.sees('The link is not open any more: make a new one at your twin')
    expect(await names()).not.include('Slow')
  })

  it('no link that is opened in a connected console shows anything to approve, while a browser waits', async () => {
    const { twin, mine } = home()
    const digits = await comeByTerminal('Shelf')
    const { console: url } = await twin.object<{ console: string }>('status')
    const words = link.split('#pair/')[1]
    const look = async (hash: string) => {
      await mine.press('Devices')
      await mine.sees('This browser')
      const shown = await mine.page.$$('dialog[open], .digits-input, .button-big, .code-big')
      expect(shown.length, hash).equal(0)
      expect(mine.page.url()).equal(`${url}#/devices`)
    }
    for (const hash of [`claim/${words}`, `/devices/approve/${digits}`]) {
      await mine.open(`${url}#${hash}`)
      await look(hash)
    }
    // In the very tab no page is loaded
    for (const hash of [`pair/${words}`, `approve/${digits}`]) {
      await mine.page.evaluate(to => location.assign(to), `#${hash}`)
      await look(hash)
    }
    expect(await names()).not.include('Shelf')
  })

  it('a browser is let in by the digits that are typed there', async () => {
    program.write(`${(await guest.read('.code-big')).replace(' ', '')}\n`)
    await guest.sees('Notes to yourself')
    const { code, stdout } = await program.exited
    expect(code).equal(0)
    expect(stdout).include('Shelf is your device')
    await home().mine.sees('Shelf is a new device of yours')
    const devices = await home().twin.list<DeviceItem>('devices')
    expect(devices.find(({ name }) => name === 'Shelf')).include({
      role: 'browser',
      level: 'normal',
      state: 'connected'
    })
    expect(await guest.breaches()).deep.equal([])
  })
}
