// `npm run test:node -- 22 24`: the specs that touch the platform (network, disk, native modules, whole programs) on other
// releases of Node, each from the npm package `node`. Needs what `npm test` has built.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root, StepError, step, stepFailed } from './steps.mjs'

const specs = [
  'dist/bootstrap/*.spec.js',
  'dist/crdt/crypto/*.spec.js',
  'dist/crdt/spaces/*.spec.js',
  'dist/node/carriers/*.spec.js',
  'dist/node/mesh/*.spec.js',
  'dist/node/keystore.spec.js',
  'dist/protocols/sync/*.spec.js',
  'dist/test/start.spec.js',
  'dist/test/tour.spec.js'
]

try {
  for (const version of process.argv.slice(2)) {
    const folder = join(root, '.build', `node-${version}`)
    const bin = join(folder, 'node_modules/node/bin')
    if (!existsSync(join(bin, 'node'))) {
      step(`Installing Node ${version}`)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
      run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], { cwd: folder })
    }
    step(`Testing on Node ${version}`)
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
    const mocha = [
      'node_modules/mocha/bin/mocha.js',
      '--no-config',
      '--timeout',
      '60000',
      '--require',
      './dist/test/stays-behind.js'
    ]
    run(join(bin, 'node'), ['--import=./node/scripts/node20-shim.mjs', ...mocha, ...specs], { cwd: root, env })
  }
} catch (error) {
  stepFailed(error)
}

function run(program, args, options) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new StepError(`${program} ${args[0]} failed`, status ?? 1)
}
