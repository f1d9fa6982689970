// `npm test` on a plain clone: installs what is missing, builds, then types, lint, browsers and every spec.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install, needsInstall, run, runTogether, step, stepFailed } from './steps.mjs'

const args = process.argv.slice(2)
const mocha = 'node_modules/mocha/bin/mocha.js'
/** Specs of one process in two parts, those that start programs, and those that start browsers, by what is left out of all. */
const spaces = ['dist/!(crdt)/**']
const folders = ['dist/@(test|crdt)/**']
const programs = ['dist/!(test)/**', 'dist/test/@(browser|console|journey)/**']
const browsers = ['dist/!(test)/**', 'dist/test/!(browser|console|journey)/**', 'dist/test/*']
try {
  if (needsInstall()) install()
  step('Building')
  run('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'])
  run('node', ['node/scripts/bundle.mjs'])
  if (args.length === 0) {
    step('Linting')
    run('node', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'])
    run('node', ['dist/test/browser/install-browsers.js'])
  }
  step('Testing')
  if (args.length > 0) run('node', [mocha, ...args])
  else {
    const without = (globs, options = []) => ({
      args: [
        mocha,
        ...globs.flatMap(glob => ['--ignore', glob]),
        '--require',
        './dist/test/stays-behind.js',
        ...options
      ]
    })
    const list = join(tmpdir(), `twinmesh-again-${process.pid}.json`)
    const noting = ['--reporter', './dist/test/browser/again.js', '--reporter-option', `list=${list}`]
    const inBrowsers = { ...without(browsers, noting), again: () => failedFiles(list) }
    // The longest first
    await runTogether([without(programs), inBrowsers, without(folders), without(spaces)])
  }
} catch (error) {
  stepFailed(error)
}

/** A program that runs the files of that list, which is removed; undefined when there is none. */
function failedFiles(list) {
  if (!existsSync(list)) return undefined
  const files = JSON.parse(readFileSync(list, 'utf8'))
  rmSync(list)
  const options = ['--no-config', '--timeout', '60000', '--require', './dist/test/stays-behind.js']
  return { args: ['--import=./node/scripts/node20-shim.mjs', '--enable-source-maps', mocha, ...options, ...files] }
}
