// `npm start` on a plain clone: installs, builds, makes the twin on the first run, starts it and says what to do next.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { install, needsBuild, needsInstall, root, run, step, stepFailed } from './steps.mjs'

const args = process.argv.slice(2)
const isJson = args.includes('--json')
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
  const twin = spawn(process.execPath, [program, 'start', ...(isJson ? [] : ['--invite']), ...args], {
    stdio: 'inherit'
  })
  // Ctrl-C reaches the twin by itself; a signal to this process is passed on
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => twin.kill('SIGTERM'))
  twin.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)))
} catch (error) {
  stepFailed(error)
}

function homeOf(words) {
  const at = words.indexOf('--home')
  const inline = words.find(word => word.startsWith('--home='))?.slice('--home='.length)
  return resolve((at === -1 ? inline : words[at + 1]) || process.env.TWIN_HOME || join(homedir(), '.twinmesh'))
}
