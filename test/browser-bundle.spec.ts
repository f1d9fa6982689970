import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { build, type Metafile } from 'esbuild'
import { type Bundle, bundleForPages } from './browser/bundle.ts'
import { projectRoot, readJson } from './project.ts'

/** Packages that a page loads with the kernel, the capabilities' contracts and the spaces. A change here is on purpose. */
const allowedPackages = [
  '@hpke/common',
  '@hpke/core',
  '@noble/curves',
  '@noble/hashes',
  '@scure/base',
  '@scure/bip39',
  'abstract-level',
  'cborg',
  'events',
  'buffer',
  'base64-js',
  'ieee754',
  'level-supports',
  'level-transcoder',
  'maybe-combine-errors',
  'module-error',
  'it-merge',
  'it-pipe',
  'it-pushable',
  'it-queueless-pushable',
  'race-signal',
  'it-stream-types',
  'p-defer',
  'race-event',
  'abort-error',
  'lib0',
  'micro-key-producer',
  'micro-packed',
  'multiformats',
  'uint8arrays',
  'valibot',
  'y-protocols',
  'yjs'
]

/** Gzipped bytes of all of it; of the light peer most of it is loaded once the page is connected. */
const maxGzip = 178 * 1024

/** HPKE asks for `crypto` of Node 18 only where there is no `globalThis.crypto`, which every browser has. */
const isOldNodeFallback = (path: string) => path.includes('node_modules/@hpke/common/')

/** Packages that are loaded with the light peer until it is connected, beside those above. */
const peerPackages = [
  '@chainsafe/is-ip',
  '@chainsafe/netmask',
  '@libp2p/circuit-relay-v2',
  '@libp2p/crypto',
  '@libp2p/identify',
  '@libp2p/interface',
  '@libp2p/interface-internal',
  '@libp2p/logger',
  '@libp2p/multistream-select',
  '@libp2p/noise',
  '@libp2p/peer-collections',
  '@libp2p/peer-id',
  '@libp2p/peer-record',
  '@libp2p/peer-store',
  '@libp2p/ping',
  '@libp2p/utils',
  '@libp2p/webrtc',
  '@libp2p/websockets',
  '@libp2p/yamux',
  '@multiformats/dns',
  '@multiformats/multiaddr',
  '@multiformats/multiaddr-matcher',
  '@multiformats/multiaddr-to-uri',
  '@noble/ciphers',
  '@sindresorhus/fnv1a',
  'any-signal',
  'datastore-core',
  'eventemitter3',
  'hashlru',
  'interface-datastore',
  'interface-store',
  'is-loopback-addr',
  'is-network-error',
  'it-all',
  'it-drain',
  'it-filter',
  'it-length-prefixed',
  'it-parallel',
  'it-peekable',
  'it-queue',
  'it-sort',
  'it-take',
  'libp2p',
  'main-event',
  'mortice',
  'nanoid',
  'netmask',
  'p-event',
  'p-queue',
  'p-retry',
  'p-timeout',
  'progress-events',
  'protons-runtime',
  'uint8-varint',
  'uint8arraylist',
  'weald'
]

/** Gzipped bytes of the light peer from the first file until it is connected. */
const maxPeerGzip = 200 * 1024

describe('browser bundle', () => {
  let metafile: Metafile
  let code: Uint8Array

  before('crdt and the kernel are bundled for a browser', async () => {
    const result = await build({
      stdin: {
        contents: "export * as core from './protocols/core/index.ts'\nexport * as crdt from './crdt/index.ts'\n",
        resolveDir: projectRoot,
        loader: 'ts'
      },
      absWorkingDir: projectRoot,
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      mainFields: ['browser', 'module', 'main'],
      conditions: ['browser', 'import'],
      define: { global: 'globalThis' },
      logLevel: 'silent'
    })
    metafile = result.metafile
    code = result.outputFiles[0]!.contents
  })

  it('crdt and protocols/core need nothing that a browser lacks', () => {
    const builtins = Object.entries(metafile.inputs).flatMap(([path, input]) =>
      input.imports.filter(found => found.external && !isOldNodeFallback(path)).map(found => found.path)
    )
    expect(builtins).deep.equal([])
  })

  it('only known packages are in it', () => {
    const packages = new Set(
      Object.keys(metafile.inputs).flatMap(path => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
    )
    expect([...packages].filter(name => !allowedPackages.includes(name))).deep.equal([])
  })

  it(`it is below ${maxGzip / 1024} KiB gzipped`, () => {
    const size = gzipSync(code).length
    console.log(`      ${(size / 1024).toFixed(1)} KiB gzipped`)
    expect(size).below(maxGzip)
  })

  it('no part of a composition root is in it', () => {
    expect(Object.keys(metafile.inputs).filter(path => /^(node|bootstrap|browser-peer|test)\//.test(path))).deep.equal(
      []
    )
  })
})

describe('bundle of the light peer', () => {
  let bundle: Bundle
  /** Files that are there before anything is loaded on demand */
  let first: string[]

  before('the light peer is bundled as a page would', async () => {
    bundle = await bundleForPages('browser-peer/index.ts')
    first = staticFiles(bundle)
  })

  it('needs nothing that a browser lacks', () => {
    const builtins = Object.entries(bundle.metafile.inputs).flatMap(([path, input]) =>
      input.imports.filter(found => found.external && !isOldNodeFallback(path)).map(found => found.path)
    )
    expect(builtins).deep.equal([])
  })

  it('has only known packages in it until it is connected', () => {
    const packages = packagesOf(first.flatMap(name => inputsOf(bundle, name)))
    const allowed = [...allowedPackages, ...peerPackages]
    expect(packages.filter(name => !allowed.includes(name))).deep.equal([])
    // Documents and databases are loaded meanwhile
    expect(packages).not.include.members(['yjs', 'abstract-level'])
  })

  it(`is below ${maxPeerGzip / 1024} KiB gzipped until it is connected`, () => {
    const size = first.reduce((sum, name) => sum + gzipSync(bundle.files.get(name)!).length, 0)
    const all = [...bundle.files.values()].reduce((sum, code) => sum + gzipSync(code).length, 0)
    console.log(
      `      ${(size / 1024).toFixed(1)} KiB gzipped, with all that is loaded later ${(all / 1024).toFixed(1)}`
    )
    expect(size).below(maxPeerGzip)
  })

  it('has no DHT, and no part of another composition root', () => {
    const inputs = Object.keys(bundle.metafile.inputs)
    expect(inputs.filter(path => /kad-dht|^(node|bootstrap|test)\//.test(path))).deep.equal([])
  })
})

describe('bundle of the console, as it ships', () => {
  it('has no DHT in any of its files, and no part of another composition root', () => {
    const { outputs } = readJson<Metafile>('dist/console.meta.json')
    const inputs = Object.values(outputs).flatMap(output => Object.keys(output.inputs))
    expect(inputs).include('browser-peer/console/main.ts')
    expect(inputs.filter(path => /kad-dht|^(node|bootstrap|test)\//.test(path))).deep.equal([])
  })
})

function staticFiles({ metafile, entry }: Bundle): string[] {
  const byName = new Map(Object.entries(metafile.outputs).map(([path, output]) => [path.split('/').at(-1)!, output]))
  const found = new Set<string>()
  const follow = (name: string) => {
    if (found.has(name)) return
    found.add(name)
    for (const { kind, path } of byName.get(name)!.imports) {
      if (kind === 'import-statement') follow(path.split('/').at(-1)!)
    }
  }
  follow(entry)
  return [...found]
}

function inputsOf({ metafile }: Bundle, name: string): string[] {
  const [, output] = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}`))!
  return Object.keys(output.inputs)
}

function packagesOf(inputs: readonly string[]): string[] {
  return [...new Set(inputs.flatMap(path => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []))]
}
