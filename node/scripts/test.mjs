// `npm test` on a plain clone: installs what is missing, builds, then types, lint and every spec. Ends with `N passed, N failed`.
import { install, needsInstall, run, step, stepFailed } from './steps.mjs'

const args = process.argv.slice(2)
try {
  if (needsInstall()) install()
  step('Building')
  run('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'])
  run('node', ['node/scripts/bundle.mjs'])
  if (args.length === 0) {
    step('Linting')
    run('node', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'])
  }
  step('Testing')
  run('node', ['node_modules/mocha/bin/mocha.js', ...args])
} catch (error) {
  stepFailed(error)
}
