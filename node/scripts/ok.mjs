// The one gate: types, lint, unused code, package exports, every spec, and no generated page out of date.
import { root, run, step, stepFailed } from './steps.mjs'

try {
  run('node', ['node/scripts/test.mjs'])
  step('Looking for unused code')
  run('node', ['node_modules/knip/bin/knip.js'])
  step('Looking at the package')
  run('node', ['node_modules/publint/src/cli.js', '--strict'])
} catch (error) {
  stepFailed(error, root)
}
