// `npm test` on a plain clone: installs what is missing, builds, then types, lint and every spec. Ends with `N passed, N failed`.
import { install, needsInstall, run, runTogether, step, stepFailed } from './steps.mjs'

const args = process.argv.slice(2)
/** Folders of specs that start browsers */
const browsers = '@(browser|console|journey)'
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
    // Browsers wait most of their time, so the others run beside them
    await runTogether(
      [mocha, '--ignore', `dist/test/${browsers}/**`],
      [
        mocha,
        '--ignore',
        'dist/!(test)/**',
        '--ignore',
        'dist/test/!(browser|console|journey)/**',
        '--ignore',
        'dist/test/*'
      ]
    )
  }
} catch (error) {
  stepFailed(error)
}
