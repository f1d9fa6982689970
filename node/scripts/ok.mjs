// The one gate: types, lint and every spec, then unused code, and what the package promises to those who install it.
import { root, run, StepError, step, stepFailed } from './steps.mjs'

try {
  run('node', ['node/scripts/test.mjs'])
  step('Looking for unused code')
  run('node', ['node_modules/knip/bin/knip.js'])
  step('Looking at the package')
  const { publint } = await import('publint')
  const { formatMessage } = await import('publint/utils')
  const pkg = JSON.parse(
    await (await import('node:fs/promises')).readFile(new URL('package.json', `file://${root}`), 'utf8')
  )
  const { messages } = await publint({ pkgDir: root, strict: true })
  // The stub is for this repository's own tree; see docs/decisions
  const open = messages.filter(({ code }) => code !== 'LOCAL_DEPENDENCY')
  for (const message of open) console.error(formatMessage(message, pkg))
  if (open.length > 0) throw new StepError('The package is not as it should be', 1)
} catch (error) {
  stepFailed(error)
}
