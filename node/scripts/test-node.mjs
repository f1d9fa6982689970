// `npm run test:node -- 22 24`: the specs that touch the platform (network, disk, native modules, whole programs) on other
// releases of Node, each from the npm package `node`. Needs what `npm test` has built.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root, run, runTogether, step, stepFailed } from './steps.mjs'

const specs = [
  'dist/bootstrap/*.spec.js',
  'dist/crdt/crypto/*.spec.js',
  'dist/crdt/spaces/*.spec.js',
  'dist/node/carriers/*.spec.js',
  'dist/node/mesh/*.spec.js',
  'dist/node/keystore.spec.js',
  'dist/protocols/streams/mend-*.spec.js',
  'dist/protocols/sync/*.spec.js',
  'dist/test/start.spec.js',
  'dist/test/tour.spec.js'
]

const args = [
  '--import=./node/scripts/node20-shim.mjs',
  'node_modules/mocha/bin/mocha.js',
  '--no-config',
  '--timeout',
  '60000',
  '--require',
  './dist/test/stays-behind.js',
  ...specs
]

try {
  const programs = process.argv.slice(2).map(version => {
    const bin = join(installed(version), 'node_modules/node/bin')
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
    return { title: `Testing on Node ${version}`, node: join(bin, 'node'), args, env }
  })
  await runTogether(programs)
} catch (error) {
  stepFailed(error)
}

/** The folder in which that release of Node is. */
function installed(version) {
  const folder = join(root, '.build', `node-${version}`)
  if (existsSync(join(folder, 'node_modules/node/bin/node'))) return folder
  step(`Installing Node ${version}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], { cwd: folder })
  return folder
}
