// Bundles the console into static files that any host can serve: one small script that starts, chunks that are loaded when
// they are needed, one style sheet, and a service worker that knows them all by name.
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const root = new URL('../../', import.meta.url).pathname

/** What esbuild is told for pages, here and in the tests that put another twin behind the same console. */
export const pageOptions = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  minify: true,
  metafile: true,
  format: 'esm',
  platform: 'browser',
  target: ['es2022', 'chrome120', 'firefox128', 'safari17'],
  mainFields: ['browser', 'module', 'main'],
  conditions: ['browser', 'import'],
  define: { global: 'globalThis', CONTRACTS_ARE_CHECKED: 'true' },
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunks/[name]-[hash]',
  assetNames: '[name]-[hash]'
}

/** Answers esbuild's account of what went where. */
export async function bundleConsole({
  outdir = join(root, 'dist/console'),
  main = 'browser-peer/console/main.ts',
  plugins = []
} = {}) {
  const source = join(root, 'browser-peer/console')
  await rm(outdir, { recursive: true, force: true })
  await mkdir(outdir, { recursive: true })
  const { metafile } = await build({
    ...pageOptions,
    entryPoints: [main, 'browser-peer/console/styles/main.css'],
    outdir,
    plugins
  })
  const outputs = Object.entries(metafile.outputs)
  const outputOf = entry => basename(outputs.find(([, { entryPoint }]) => entryPoint === entry)[0])
  const html = (await readFile(join(source, 'index.html'), 'utf8'))
    .replace('%STYLE%', outputOf('browser-peer/console/styles/main.css'))
    .replace('%MAIN%', outputOf(main))
    .replace('%POLICY%', await pagePolicy())
  await writeFile(join(outdir, 'index.html'), html)
  await cp(join(source, 'icons'), outdir, { recursive: true })

  const files = (await readdir(outdir, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(outdir.length + 1))
    .filter(file => file !== 'index.html')
    .sort()
  const hash = createHash('sha256').update(html)
  for (const file of files) hash.update(await readFile(join(outdir, file)))
  await build({
    absWorkingDir: root,
    entryPoints: ['browser-peer/console/service-worker.ts'],
    outfile: join(outdir, 'sw.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
    define: {
      CONSOLE_FILES: JSON.stringify(['./', ...files]),
      CONSOLE_BUILD: JSON.stringify(hash.digest('hex').slice(0, 16))
    }
  })
  return metafile
}

/** What the twin's own server says in headers stands in the page as well. */
async function pagePolicy() {
  const entryPoints = ['node/console/security-headers.ts']
  const { outputFiles } = await build({ absWorkingDir: root, entryPoints, format: 'esm', write: false })
  const script = Buffer.from(outputFiles[0].contents).toString('base64')
  return (await import(`data:text/javascript;base64,${script}`)).pagePolicy
}
