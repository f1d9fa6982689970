// `npm test` on a plain clone: installs what is missing, builds, then types, lint and every spec. Ends with `N passed, N failed`.
import { install, needsInstall, run, runBoth, step, stepFailed } from './steps.mjs'

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
  const mocha = 'node_modules/mocha/bin/mocha.js'
  if (args.length > 0) run('node', [mocha, ...args])
  else {
    // Half of the time of what starts processes and browsers is waiting: the specs of single folders run beside it
    await runBoth([mocha, '--ignore', 'dist/test/**'], [mocha, '--ignore', 'dist/!(test)/**'])
  }
} catch (error) {
  stepFailed(error)
}
