// `npm test` on a plain clone: installs what is missing, builds, then types, lint, browsers and every spec.
import { install, needsInstall, run, runTogether, step, stepFailed } from './steps.mjs'

const args = process.argv.slice(2)
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
  const mocha = 'node_modules/mocha/bin/mocha.js'
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
    // On two busy cores a click can land where a row has been: what a browser fails is tried once more, and says so
    const again = ['--retries', '1', '--reporter', './dist/test/browser/again.js']
    // The longest first
    await runTogether([without(programs), without(browsers, again), without(folders), without(spaces)])
  }
} catch (error) {
  stepFailed(error)
}
