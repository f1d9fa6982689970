import { join } from 'node:path'
import { type BrowserName, sharedBrowsers } from '../browser/browsers.ts'
import { MeshProcesses } from '../harness/mesh.ts'
import { Program } from '../harness/program.ts'
import { projectRoot } from '../project.ts'
import { Person } from './person.ts'

/** What issue and product promise: from the printed link to the first message on the other's screen */
export const promisedSeconds = 60

export interface Step {
  readonly words: string
  readonly seconds: number
}

const startFile = join(projectRoot, 'node/scripts/start.mjs')

/**
 * Two people who know nothing of each other's machines but a meeting point, each with what `npm start` starts and a browser. The clock
 * runs from the printed links on. A browser that is open counts with the time that it took to open.
 *
 * @param names the browser of who sends the message, and of who reads it
 * @param onStep told of each step when it is done
 */
export async function journey(
  names: readonly [BrowserName, BrowserName],
  onStep: (step: Step) => void
): Promise<readonly Step[]> {
  const mesh = await MeshProcesses.create()
  const programs: Program[] = []
  const taken: BrowserName[] = []
  const people: Person[] = []
  try {
    const { addresses } = await mesh.addBootstrap()
    const meeting = addresses.find(address => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))!
    const start = async (who: string) => {
      const args = [
        '--home',
        join(mesh.folder, who),
        '--port',
        '0',
        '--console-port',
        '0',
        '--no-mdns',
        '--bootstrap',
        meeting
      ]
      const program = new Program(startFile, { args, lifeMs: 300_000 })
      programs.push(program)
      await program.waitForText('Ctrl-C stops it')
      return /http:\/\/\S+#claim\/\S+/.exec(program.printed)![0]
    }
    const [adasLink, mariesLink] = await Promise.all([start('ada'), start('marie')])
    const steps: Step[] = []
    const clock = stopwatch()
    const done = (words: string, seconds = clock()) => {
      const step = { words, seconds }
      steps.push(step)
      onStep(step)
    }
    const sitDown = async (who: string, name: BrowserName) => {
      const browser = await sharedBrowsers[name].take()
      taken.push(name)
      clock()
      done(`A browser is open: ${name}`, sharedBrowsers[name].madeInMs / 1000)
      const person = await Person.at(browser, who)
      people.push(person)
      return person
    }
    const claim = async (person: Person, link: string, name: string) => {
      await person.open(link)
      await person.sees('Your twin is waiting for you')
      done('The link is open')
      await person.fill('Your name', name)
      await person.press('Connect this browser')
      await person.sees('A place for yourself')
      done('One button, and the browser is a device')
    }
    const ada = await sitDown('ada', names[0])
    await claim(ada, adasLink, 'Ada')
    const marie = await sitDown('marie', names[1])
    await claim(marie, mariesLink, 'Marie')

    await marie.press('People')
    await marie.press('Invite somebody')
    const invite = await marie.read('dialog .copyable code')
    done('An invite link')
    await ada.press('People')
    await ada.press('Add somebody by link or QR code')
    await ada.fill('Invite link or twin id', invite)
    await ada.press('Add')
    await ada.press('Message')
    done('The other is a contact')
    const words = 'Hello Marie, this is my first message'
    await ada.say(words)
    await ada.sees(words)
    done('A message is sent')
    await marie.press('Done')
    await marie.press('Conversations')
    await marie.sees(words)
    await marie.sees('Ada')
    done("It is on the other's screen")
    await ada.shoot('sent')
    await marie.shoot('seen')
    return steps
  } finally {
    for (const person of people) await person.leave()
    for (const name of taken) await sharedBrowsers[name].leave()
    for (const program of programs) await program.stop()
    await mesh.stop()
  }
}

/** Seconds since it was asked last. */
function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const seconds = (now - last) / 1000
    last = now
    return seconds
  }
}
