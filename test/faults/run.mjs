// Tests the tests: puts one fault at a time into a copy of the project, and runs the suite that has to turn red.
// `npm run faults [WORD]` runs all, or those whose name contains WORD. Ends with `N caught, N missed`.
// `npm run faults -- kill|powercut|diskfull|ciphertext` runs a rig instead: see test/rigs.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { faults } from './faults.mjs'
import { help, rigs, runRig } from './rig-command.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const rooms = ['node', 'protocols', 'crdt', 'browser-peer', 'bootstrap', 'test']
const files = ['package.json', 'tsconfig.json', '.mocharc.json']
const word = process.argv[2] ?? ''
if (process.argv.includes('--help')) {
  console.log(help)
  process.exit()
}
if (rigs.includes(word)) process.exit(runRig(process.argv.slice(2)))
if (word.startsWith('-') || process.argv.length > 3) {
  console.error(`${process.argv.slice(2).join(' ')} is not understood\n\n${help}`)
  process.exit(2)
}
const chosen = faults.filter(({ name }) => name.includes(word))

const copy = mkdtempSync(join(tmpdir(), 'twinmesh-faults-'))
let [caught, missed] = [0, 0]
try {
  for (const name of [...rooms, ...files]) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const step of [['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], ['node/scripts/bundle.mjs']]) {
    spawnSync(process.execPath, step, { cwd: copy, stdio: 'inherit' })
  }
  const suites = [...new Set(chosen.flatMap(({ suite }) => suite))]
  const sound = suites.filter(suite => runSuite([suite]).status === 0)
  for (const suite of suites) if (!sound.includes(suite)) console.log(`already red without a fault: ${suite}`)
  for (const fault of chosen) report(fault, put(fault, sound))
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`${caught} caught, ${missed} missed`)
process.exitCode = missed === 0 ? 0 : 1

/** The name of the first test that fails, or why the fault was not caught. */
function put({ file, find, replace, suite, first }, sound) {
  if (!suite.every(name => sound.includes(name))) return { why: 'the suite is red without it' }
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (first ? !text.includes(find) : text.split(find).length !== 2)
    return { why: `${file} does not contain the line once` }
  try {
    build(
      file,
      text.replace(find, () => replace)
    )
    const { status, stdout } = runSuite(suite)
    return status === 0
      ? { why: 'all tests stayed green' }
      : { by: /^ +1\) (.*)$/m.exec(stdout)?.[1] ?? `exit code ${status}` }
  } finally {
    build(file, text)
  }
}

function report({ name }, { by, why }) {
  if (by === undefined) missed++
  else caught++
  console.log(`${by === undefined ? 'MISSED' : 'caught'}  ${name}: ${by ?? why}`)
}

/** Writes and compiles one file of the copy. Types are not checked: errors of them are expected of a fault. */
function build(file, text) {
  const { code } = transformSync(text, {
    loader: file.endsWith('x') ? 'tsx' : 'ts',
    tsconfigRaw: readFileSync(join(copy, 'tsconfig.json'), 'utf8')
  })
  writeFileSync(join(copy, file), text)
  const script = code.replace(/((?:from|import) *\(?"\.\.?\/[^"]*)\.tsx?"/g, '$1.js"')
  writeFileSync(join(copy, 'dist', file.replace(/\.tsx?$/, '.js')), script)
}

function runSuite(suite) {
  const specs = suite.map(name => `dist/${name.replace(/\.ts$/, '.js')}`)
  const args = ['node_modules/mocha/bin/mocha.js', '--no-config', '--bail', '--import=./node/scripts/node20-shim.mjs']
  const options = { cwd: copy, encoding: 'utf8', timeout: 180_000, env: { ...process.env, NO_COLOR: '1' } }
  return spawnSync(process.execPath, [...args, '--timeout', '20000', '--exit', ...specs], options)
}
