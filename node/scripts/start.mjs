// `npm start` on a plain clone: installs, builds, makes the twin on the first run, starts it and says what to do next.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { install, needsBuild, needsInstall, root, run, step, stepFailed } from './steps.mjs'

const args = process.argv.slice(2)
const isJson = args.includes('--json')
/** Ends that somebody asked for, as systemd counts them */
const asked = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'])
/** A twin that fails sooner says itself why it cannot start, in ms */
const startMs = 30_000
/** With more within that time, in ms, it is left to its owner; as in the service's unit */
const mostCrashes = 10
const crashesWithinMs = 300_000
const program = join(root, 'dist/bin/twin.js')

try {
  if (needsInstall()) install()
  if (needsBuild()) {
    step('Building')
    run('node', ['node/scripts/bundle.mjs'])
  }
  const home = homeOf(args)
  if (!existsSync(join(home, 'config.json'))) {
    step(`Making your twin in ${home}`)
    const made = spawnSync(process.execPath, [program, 'init', '--home', home], {
      stdio: ['inherit', isJson ? 2 : 'inherit', 'inherit']
    })
    if (made.status !== 0) process.exit(made.status ?? 1)
  }
  if (!isJson) {
    step('In other terminals, so that they know the command:')
    console.error(`  alias twin="node ${program}"`)
    console.error('')
  }
  let twin
  let isStopping = false
  // Ctrl-C reaches the twin by itself; a signal to this process is passed on
  process.on('SIGINT', () => {
    isStopping = true
  })
  process.on('SIGTERM', () => {
    isStopping = true
    twin.kill('SIGTERM')
  })
  const crashes = []
  const start = () => {
    const since = Date.now()
    twin = spawn(process.execPath, [program, 'start', ...(isJson ? [] : ['--invite']), ...args], { stdio: 'inherit' })
    twin.on('exit', (code, signal) => {
      const hasCrashed = signal === null ? code !== 0 && Date.now() - since > startMs : !asked.has(signal)
      if (hasCrashed) crashes.push(Date.now())
      const tooOften = crashes.at(-mostCrashes) > Date.now() - crashesWithinMs
      if (isStopping || !hasCrashed || tooOften) process.exit(code ?? 130)
      step(`Your twin ended by itself (${signal ?? `code ${code}`}): it starts again`)
      start()
    })
  }
  start()
} catch (error) {
  stepFailed(error)
}

function homeOf(words) {
  const at = words.indexOf('--home')
  const inline = words.find(word => word.startsWith('--home='))?.slice('--home='.length)
  return resolve((at === -1 ? inline : words[at + 1]) || process.env.TWIN_HOME || join(homedir(), '.twinmesh'))
}
