import { mkdir } from 'node:fs/promises'
import { expect } from 'chai'
import { Shell } from './harness/shell.ts'
import { temporaryFolder } from './harness/twin.ts'
import { projectRoot, readText } from './project.ts'
import { isAsPrinted, readTour } from './tour/read-tour.ts'

/** Folder of the tour on a reader's machine; the spec takes one of its own. */
const tourFolder = '/tmp/twinmesh-tour'
/** Commands that only look: a reader repeats them when the other's answer is still on its way. */
const looking = /^(twin (contacts list|chat history|kv (get|list|offers)|peers|find|status)|wc )/

describe('README', function () {
  this.timeout(300_000)
  const steps = readTour(readText('README.md'))
  const shells = new Map<string, Shell>()
  let folder: { path: string; remove: () => Promise<void> }
  let [link, address] = ['LINK', 'ADDRESS']
  let broken: string | undefined

  before(async () => {
    folder = await temporaryFolder()
    await mkdir(`${folder.path}/tour`)
    for (const person of new Set(steps.map(step => step.person))) {
      shells.set(person, new Shell(projectRoot, { NO_COLOR: '1', FORCE_COLOR: undefined, TWIN_HOME: undefined }))
    }
  })

  after(async () => {
    for (const shell of shells.values()) await shell.close()
    await folder?.remove()
  })

  it('shows a tour for two people', () => {
    expect([...new Set(steps.map(step => step.person))]).deep.equal(['ada', 'marie'])
    expect(steps.length).above(20)
  })

  it('a page that says something else than what is printed is noticed', () => {
    expect(isAsPrinted(['stored, version …'], 'stored, version 1-1-7\n')).equal(true)
    expect(isAsPrinted(['Ada: contact'], 'Ada: blocked\n')).equal(false)
    expect(isAsPrinted(['one', '…', 'four'], 'one\ntwo\nthree\nfour\n')).equal(true)
    expect(isAsPrinted([], 'a warning\n')).equal(false)
  })

  for (const [i, { person, command, output }] of steps.entries()) {
    it(`${i + 1}. ${person}: ${command}`, async () => {
      if (broken !== undefined) throw new Error(`The tour ended at: ${broken}`)
      broken = command
      const shell = shells.get(person)!
      const line = command
        .replaceAll(tourFolder, `${folder.path}/tour`)
        .replace('LINK', link)
        .replace('ADDRESS', address)
      const accept = (printed: string) => isAsPrinted(output, printed)
      const deadline = Date.now() + 60_000
      let printed = command.endsWith('&') ? await shell.runUntil(line, accept) : await shell.run(line)
      while (looking.test(command) && !accept(printed) && Date.now() < deadline) printed = await shell.run(line)
      if (!accept(printed)) expect(printed).equal(output.join('\n'))
      broken = undefined
      address = /^ {2}(\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\S+)$/m.exec(printed)?.[1] ?? address
      link = /^twin:\S+$/m.exec(printed)?.[0] ?? link
    })
  }
})
