import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { build, type Metafile } from 'esbuild'
import { projectRoot } from './project.ts'

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

/** Gzipped bytes of all of it: about a second on a slow phone. */
const maxGzip = 160 * 1024

/** HPKE asks for `crypto` of Node 18 only where there is no `globalThis.crypto`, which every browser has. */
const isOldNodeFallback = (path: string) => path.includes('node_modules/@hpke/common/')

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
