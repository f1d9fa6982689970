/**
 * Stands in for `daemon.ts` in what is installed. Compiling two megabytes takes a fifth of a start, so the daemon is a script
 * whose compiled code is kept in the home once it runs and used at the next start. (Node 22 has
 * `module.enableCompileCache` for this; Node 20 has the parts.)
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import type { Home } from '../home/index.ts'
import type * as daemon from './daemon.ts'

/** SHA-256 of the script, set by the bundler: code that was compiled from another one is never used */
declare const DAEMON_HASH: string

const hashLength = 32

interface Loaded {
  readonly exports: typeof daemon
  /** Keeps the compiled code, unless it came from there */
  keep(): Promise<void>
}

let loaded: Loaded | undefined

export const startTwin: typeof daemon.startTwin = init => loadOnce(init.home).exports.startTwin(init)

export const fetchFormerList: typeof daemon.fetchFormerList = init => loadOnce(init.home).exports.fetchFormerList(init)

export const openFormerHome: typeof daemon.openFormerHome = (home, ...rest) =>
  loadOnce(home).exports.openFormerHome(home, ...rest)

export const openBackup: typeof daemon.openBackup = (home, ...rest) => loadOnce(home).exports.openBackup(home, ...rest)

export const checkBackup: typeof daemon.checkBackup = (home, ...rest) =>
  loadOnce(home).exports.checkBackup(home, ...rest)

export const endWebrtc: typeof daemon.endWebrtc = async () => loaded?.exports.endWebrtc()

/** Only a start gets slower without it: a full disk or a folder of somebody else is no reason to fail now. */
export const keepCode: typeof daemon.keepCode = async () => loaded?.keep().catch(() => {})

function loadOnce(home: Home): Loaded {
  loaded ??= load(home)
  return loaded
}

function load(home: Home): Loaded {
  const filename = fileURLToPath(new URL('daemon.cjs', import.meta.url))
  // What V8 compiled is of use to that V8 alone
  const kept = join(home.code, `daemon-${DAEMON_HASH.slice(0, 16)}-${process.versions.v8}-${process.arch}`)
  const cachedData = readKept(kept)
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(filename, 'latin1')}\n})`
  const script = new Script(source, { filename, cachedData })
  const module = { exports: {} as typeof daemon }
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, dirname(filename))
  const isKept = cachedData !== undefined && script.cachedDataRejected !== true
  return {
    exports: module.exports,
    keep: async () => {
      if (!isKept) await writeKept(kept, script.createCachedData())
    }
  }
}

/** Code that was damaged on the disk would crash the process: it counts only under its hash. */
function readKept(path: string): Buffer | undefined {
  try {
    const file = readFileSync(path)
    const data = file.subarray(hashLength)
    return createHash('sha256').update(data).digest().equals(file.subarray(0, hashLength)) ? data : undefined
  } catch {
    return undefined
  }
}

async function writeKept(path: string, data: Buffer): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, Buffer.concat([createHash('sha256').update(data).digest(), data]), { mode: 0o600, flag: 'wx' })
  await rename(draft, path)
}
