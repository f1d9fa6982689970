/** `npm run journey [-- chromium | firefox]`: from the printed link to a message on the other's screen, step by step with its seconds. */
import { type BrowserName, findBrowser } from '../browser/browsers.ts'
import { journey, promisedSeconds, type Step } from './journey.ts'

const names: readonly BrowserName[] = ['chromium', 'firefox']
const asked = process.argv.slice(2)
const unknown = asked.filter(name => !names.includes(name as BrowserName))
if (unknown.length > 0) throw new TypeError(`No such browser: ${unknown.join(', ')}; there are ${names.join(' and ')}`)

for (const name of names.filter(name => asked.length === 0 || asked.includes(name))) {
  const found = findBrowser(name)
  print(`\n${name}`)
  if ('missing' in found) {
    print(`  not run: ${found.missing}`)
    process.exitCode = 1
    continue
  }
  const steps = await journey([name, name], printStep)
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0)
  const isKept = seconds < promisedSeconds
  printStep({ words: `From the link to the first message (promised: below ${promisedSeconds})`, seconds })
  if (!isKept) process.exitCode = 1
}

function printStep({ words, seconds }: Step): void {
  print(`  ${seconds.toFixed(1).padStart(5)} s  ${words}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
