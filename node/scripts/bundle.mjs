// Bundles what people run: `twin` without libp2p, so that it starts at once; the daemon, which only `twin start` loads, as a
// script whose compiled code can be kept (see load-daemon.ts); and the bootstrap node. Modules with native code stay outside:
// they are loaded from node_modules.
import { createHash } from 'node:crypto'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { build } from 'esbuild'
import { bundleConsole } from './bundle-console.mjs'
import { checkContracts } from './check-contracts.mjs'

const root = new URL('../../', import.meta.url)
const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'))
const shim = await readFile(new URL('node20-shim.mjs', import.meta.url), 'utf8')

/** CommonJS inside the bundles asks for Node's own modules by `require`. */
const banner =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"
/** And modules inside a script ask where they are */
const scriptBanner = "const __url=require('node:url').pathToFileURL(__filename).href;"

const common = {
  absWorkingDir: new URL('.', root).pathname,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
  define: { TWINMESH_VERSION: JSON.stringify(version), CONTRACTS_ARE_CHECKED: 'true' },
  external: ['classic-level', 'node-datachannel', '@node-datachannel/*', 'bufferutil', 'utf-8-validate'],
  conditions: ['node', 'import']
}

/** What only one command needs is a file of its own, found beside the command line. */
const apart = {
  name: 'apart',
  setup: builder => {
    builder.onResolve({ filter: /bin\/(daemon|maker)\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.js`, external: true } : undefined
    )
  }
}

/** The command line speaks contracts and makes no service: the doors in the registry are never opened there. */
const contractsOnly = {
  name: 'contracts-only',
  setup: builder => {
    builder.onResolve({ filter: /^\.\/\w+\/index\.ts$/ }, ({ kind, importer }) =>
      kind === 'dynamic-import' && importer.endsWith('protocols/index.ts')
        ? { path: './daemon.js', external: true }
        : undefined
    )
  }
}

/** First in the file: what libp2p misses on Node 20 has to be there before any of it runs. */
const node20Shim = {
  name: 'node20-shim',
  setup: builder => {
    builder.onResolve({ filter: /^twinmesh-shim$/ }, () => ({ path: 'shim', namespace: 'shim', sideEffects: true }))
    builder.onLoad({ filter: /.*/, namespace: 'shim' }, () => ({
      contents: shim,
      loader: 'js',
      resolveDir: new URL('.', root).pathname
    }))
  }
}

async function bundle(entry, outfile, { withShim, head = '', define = {}, plugins = [] }) {
  const contents = `${withShim ? "import 'twinmesh-shim'\n" : ''}${entry}\n`
  const isScript = outfile.endsWith('.cjs')
  const result = await build({
    ...common,
    ...(isScript ? { format: 'cjs', supported: { 'dynamic-import': false } } : {}),
    define: { ...common.define, ...define, ...(isScript ? { 'import.meta.url': '__url' } : {}) },
    plugins: [apart, node20Shim, ...plugins],
    stdin: { contents, resolveDir: common.absWorkingDir, sourcefile: 'entry.ts', loader: 'ts' },
    outfile,
    banner: { js: isScript ? scriptBanner : head + banner }
  })
  await writeFile(`${outfile}.meta.json`, JSON.stringify(result.metafile))
}

async function hashOf(file) {
  return JSON.stringify(
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  )
}

const only = process.argv.slice(2)
const targets = [
  [
    "import './node/bin/twin.ts'",
    'dist/bin/twin.js',
    { withShim: false, head: '#!/usr/bin/env node\n', plugins: [contractsOnly] }
  ],
  ["export * from './node/bin/daemon.ts'", 'dist/bin/daemon.cjs', { withShim: true }],
  [
    "export * from './node/bin/load-daemon.ts'",
    'dist/bin/daemon.js',
    { withShim: false, define: async () => ({ DAEMON_HASH: await hashOf('dist/bin/daemon.cjs') }) }
  ],
  ["export * from './node/bin/maker.ts'", 'dist/bin/maker.js', { withShim: true }],
  [
    // What idles, such as a timer of a library, keeps it no longer
    "import { main } from './bootstrap/main.ts'\nprocess.exit(await main(process.argv.slice(2)))",
    'dist/bin/twin-bootstrap.js',
    { withShim: true, head: '#!/usr/bin/env node\n' }
  ]
]
process.chdir(common.absWorkingDir)
await checkContracts(common.absWorkingDir)
if (only.length === 0 || only.includes('console')) {
  const metafile = await bundleConsole()
  await writeFile('dist/console.meta.json', JSON.stringify(metafile))
}
for (const [entry, outfile, options] of targets) {
  if (only.length > 0 && !only.some(name => outfile.includes(name))) continue
  await rm(outfile, { force: true })
  await bundle(entry, outfile, { ...options, define: await options.define?.() })
  await chmod(outfile, 0o755)
}
