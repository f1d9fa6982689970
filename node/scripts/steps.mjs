// What `npm start`, `npm test` and `npm run ok` have in common; nothing but Node itself is needed to load it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: install Node 20.19 or newer from https://nodejs.org`)
  process.exit(1)
}

export function step(text) {
  console.error(process.stderr.isTTY ? `\x1b[1m${text}\x1b[22m` : text)
}

/** Runs a program in the root, its output shown; throws when it fails. */
export function run(program, args, options = {}) {
  const command = program === 'node' ? process.execPath : program
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new StepError(`${program} ${args.slice(0, 2).join(' ')} failed`, status ?? (signal ? 130 : 1))
}

/**
 * Runs Node programs, two at a time, in the order given: whichever lane is free takes the next one, whether others failed or not.
 * Output is shown in that order too, under a program's title: that of one as it comes, that of those behind it when it has ended.
 * `again` is asked when a program has failed: what it answers is run, and counts instead. Throws when one has failed.
 *
 * @param {Program[]} programs
 * @typedef {{ args: string[], title?: string, node?: string, env?: NodeJS.ProcessEnv, again?: () => Program | undefined }} Program
 */
export async function runTogether(programs) {
  const outputs = programs.map(keepOutput)
  const statuses = programs.map(() => {
    let resolve
    const promise = new Promise(done => {
      resolve = done
    })
    return { promise, resolve }
  })
  let next = 0
  const lane = async () => {
    while (next < programs.length) {
      const at = next++
      statuses[at].resolve(endedAtLast(programs[at], outputs[at]))
      await statuses[at].promise.catch(() => {})
    }
  }
  const lanes = [lane(), lane()]
  let failure
  for (const [at, { promise }] of statuses.entries()) {
    const { title, args } = programs[at]
    if (title) step(title)
    outputs[at].show()
    const status = await promise
    if (status !== 0) failure ??= new StepError(`node ${args.slice(0, 2).join(' ')} failed`, status)
  }
  await Promise.all(lanes)
  if (failure) throw failure
}

async function endedAtLast(program, output) {
  const status = await ended(program, output)
  const again = status === 0 ? undefined : program.again?.()
  return again === undefined ? status : await ended(again, output)
}

function ended({ args, node = process.execPath, env = process.env }, output) {
  const colours = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : {}
  const child = spawn(node, args, { cwd: root, env: { ...env, ...colours }, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', output.print)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve(status ?? (signal ? 130 : 1)))
  })
}

/** Keeps what is printed until it is shown. */
function keepOutput() {
  const kept = []
  let print = bytes => void kept.push(bytes)
  const show = () => {
    for (const bytes of kept.splice(0)) process.stdout.write(bytes)
    print = bytes => void process.stdout.write(bytes)
  }
  return { print: bytes => print(bytes), show }
}

export class StepError extends Error {
  constructor(message, status) {
    super(message)
    this.status = status
  }
}

export function stepFailed(error) {
  console.error(error instanceof StepError ? error.message : error)
  process.exit(error instanceof StepError ? error.status : 1)
}

/** The lock file that npm leaves in node_modules is older than what is asked for, or not there. */
export function needsInstall() {
  const mark = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(mark)) return true
  return ['package.json', 'package-lock.json'].some(name => {
    const file = join(root, name)
    return existsSync(file) && isNewerThan(file, mark) && !isSatisfied()
  })
}

/** `install`, not `ci`: the registry at hand may lack optional packages of other platforms, which `ci` insists on. */
export function install() {
  step('Installing packages (once, about a minute)')
  run(npm(), ['install', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' })
}

/** Whether a source is newer than what was built from it. */
export function needsBuild() {
  const built = ['dist/bin/twin.js', 'dist/bin/daemon.js', 'dist/bin/maker.js', 'dist/console/index.html'].map(name =>
    join(root, name)
  )
  if (built.some(file => !existsSync(file))) return true
  const oldest = Math.min(...built.map(file => statSync(file).mtimeMs))
  const folders = ['node', 'protocols', 'crdt', 'bootstrap', 'browser-peer']
  return (
    folders.some(folder => newest(join(root, folder)) > oldest) || statSync(join(root, 'package.json')).mtimeMs > oldest
  )
}

function newest(folder) {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) latest = Math.max(latest, newest(path))
    else if (/\.(tsx?|mjs|css|html|svg)$/.test(entry.name) && !entry.name.endsWith('.spec.ts'))
      latest = Math.max(latest, statSync(path).mtimeMs)
  }
  return latest
}

function isNewerThan(file, mark) {
  return statSync(file).mtimeMs > statSync(mark).mtimeMs
}

/** A clone gives every file the time of the clone: what counts is whether each package is there in a version that fits. */
function isSatisfied() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.keys({ ...dependencies, ...devDependencies }).every(name =>
    existsSync(join(root, 'node_modules', name, 'package.json'))
  )
}

function npm() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm'
}
