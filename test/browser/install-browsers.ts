/** Run by `npm test` before all specs: root gets browsers that are missing on Debian, anybody else is told how to. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type BrowserName, findBrowser } from './browsers.ts'

const timeoutMs = 300_000
const names: readonly BrowserName[] = ['chromium', 'firefox']

const missing = names.flatMap(name => {
  const found = findBrowser(name)
  return 'missing' in found ? [found] : []
})
if (missing.length > 0) {
  const packages = missing.map(found => found.package)
  const isInstalled =
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && aptGet('update') && aptGet('install', ...packages)
  // Specs that need one fail with the same line
  if (!isInstalled) for (const found of missing) console.error(found.missing)
}

function aptGet(verb: string, ...packages: readonly string[]): boolean {
  console.error(`apt-get ${[verb, ...packages].join(' ')}`)
  const args = ['-qq', ...(packages.length > 0 ? ['-y', '--no-install-recommends'] : []), verb, ...packages]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync('apt-get', args, { env, timeout: timeoutMs, stdio: ['ignore', 'ignore', 'inherit'] })
  return status === 0
}
