import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { projectRoot, readJson, readText } from './project.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly engines: { readonly node: string }
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies: Readonly<Record<string, string>>
}

/** Packages that must exist once: two copies mean two sets of classes, two caches, or twice the bytes in a page. */
const sharedPackages = [
  'yjs',
  'lib0',
  'y-protocols',
  'libp2p',
  '@libp2p/interface',
  '@libp2p/peer-id',
  '@libp2p/crypto',
  '@libp2p/utils',
  '@multiformats/multiaddr',
  'multiformats',
  'uint8arraylist',
  'uint8arrays',
  'protons-runtime',
  'it-length-prefixed',
  'abstract-level',
  'classic-level',
  'level',
  'valibot',
  'cborg'
]

/** Second copies that are accepted, each with its reason. */
const allowedCopies: Readonly<Record<string, string>> = {}

/** What publint says and we know, see docs/decisions/0006-react-native-stub.md. */
const acceptedRemarks = ['The "react-native-webrtc" dependency references "file:']

/** Packages fixed for the project: each is used by name in what ships or, for mocha, in the tests. */
const fixedPackages = [
  'libp2p',
  '@chainsafe/libp2p-noise',
  '@libp2p/kad-dht',
  '@libp2p/webrtc',
  'yjs',
  'y-protocols',
  'level',
  'it-pipe',
  'uint8arrays'
]

/** Lowest versions without a published advisory that reaches a twin: identify (CVE-2026-110789), STUN (CVE-2026-103936). */
const minimumVersions: Readonly<Record<string, string>> = { '@libp2p/crypto': '5.1.22', '@libp2p/webrtc': '6.0.28' }

const run = promisify(execFile)

describe('packages', () => {
  const manifest = readJson<Manifest>('package.json')
  const installed = listInstalled(join(projectRoot, 'node_modules'))

  it('one copy of each shared library is installed', () => {
    const copies = sharedPackages.flatMap(name => {
      const found = installed.filter(path => path.endsWith(`node_modules/${name}`))
      return found.length === 1 || name in allowedCopies ? [] : [`${name}: ${found.join(', ')}`]
    })
    expect(copies).deep.equal([])
  })

  it('react-native stays out', () => {
    expect(installed.filter(path => /node_modules\/(react|react-native)$/.test(path))).deep.equal([])
  })

  it('every fixed package is a dependency', () => {
    expect(fixedPackages.filter(name => !(name in manifest.dependencies))).deep.equal([])
  })

  it('no installed package is below its lowest safe version', () => {
    for (const [name, minimum] of Object.entries(minimumVersions)) {
      const { version } = readJson<{ version: string }>(`node_modules/${name}/package.json`)
      expect(compareVersions(version, minimum), `${name} ${version}`).at.least(0)
    }
  })

  it('the lock file names no download host', () => {
    expect(readText('package-lock.json').match(/"resolved": "[a-z+]+:.*"/g) ?? []).deep.equal([])
  })

  it('the lock file fits the manifest', () => {
    const lock = readJson<{ packages: Record<string, Manifest> }>('package-lock.json')
    expect(lock.packages['']?.dependencies).deep.equal(manifest.dependencies)
  })

  it('the licence is given as text too', () => {
    expect(manifest.license).equal('Apache-2.0 OR MIT')
    expect(readText('LICENSE-MIT')).match(/MIT License/i)
    expect(readText('LICENSE-APACHE')).match(/Apache License/i)
  })

  it('this Node is one the manifest allows', () => {
    const minimum = /^>=([\d.]+)$/.exec(manifest.engines.node)?.[1]
    expect(minimum).a('string')
    expect(compareVersions(process.versions.node, minimum!)).at.least(0)
  })

  it('mocha finds the built specs, forbids .only and loads the shim first', () => {
    const config = readJson<{ spec: string[]; 'node-option': string[]; 'forbid-only': boolean }>('.mocharc.json')
    expect(config.spec).deep.equal(['dist/**/*.spec.js'])
    expect(config['forbid-only']).equal(true)
    expect(config['node-option'][0]).equal('import=./node/scripts/node20-shim.mjs')
    expect(typeof Promise.withResolvers).equal('function')
  })

  it('publint finds nothing wrong in the published package', async () => {
    const { messages, pkg } = await publint({ pkgDir: projectRoot, strict: true })
    const words = messages.map(message => formatMessage(message, pkg, { color: false }) ?? message.code)
    expect(words.filter(text => !acceptedRemarks.some(accepted => text.startsWith(accepted)))).deep.equal([])
  }).timeout(60_000)

  it('every exported door loads', async () => {
    expect(Object.keys(manifest.exports ?? {})).include.members(['.', './crdt', './node', './bootstrap'])
    for (const name of Object.keys(manifest.exports ?? {})) {
      if (name.includes('*') || name.endsWith('.json') || name === './node20-shim') continue
      const door = await import(`twinmesh${name.slice(1)}`)
      expect(Object.keys(door), name).not.empty
    }
  })

  it('knip finds no unused file, export or dependency', async () => {
    expect(await problemsOf('knip', ['--no-progress'])).equal('')
  }).timeout(120_000)
})

/** Paths of all installed packages, nested ones too, relative to the root. */
function listInstalled(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return []
    const path = join(folder, entry.name)
    if (entry.name.startsWith('@')) return listInstalled(path)
    const nested = join(path, 'node_modules')
    return [path, ...(readdirSync(path).includes('node_modules') ? listInstalled(nested) : [])]
  })
}

function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map(version => version.split('.').map(Number))
  for (let i = 0; i < 3; i++) if ((a![i] ?? 0) !== (b![i] ?? 0)) return (a![i] ?? 0) - (b![i] ?? 0)
  return 0
}

/** Runs a tool of the project; its words if it fails, else nothing. */
async function problemsOf(tool: string, args: readonly string[]): Promise<string> {
  try {
    await run(join(projectRoot, 'node_modules', '.bin', tool), args, { cwd: projectRoot, maxBuffer: 1 << 26 })
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return `${stdout ?? ''}${stderr ?? ''}` || String(error)
  }
}
