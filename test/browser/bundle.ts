import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { projectRoot } from '../project.ts'

export interface Bundle {
  /** Contents by file name */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly metafile: Metafile
  /** Name of the file that the entry became */
  readonly entry: string
}

let page: Promise<Bundle> | undefined

/** The page of the specs, bundled once for all of them. */
export function bundlePage(): Promise<Bundle> {
  page ??= bundleForPages('test/browser/page.ts')
  return page
}

/** Bundles a source for pages as what ships is bundled: one file to begin with, others when they are imported. */
export async function bundleForPages(
  entry: string,
  more: { readonly replaced?: Readonly<Record<string, string>> } = {}
): Promise<Bundle> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: projectRoot,
    outdir: 'page',
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['browser', 'import'],
    define: { global: 'globalThis' },
    plugins: [replacing(more.replaced ?? {})],
    legalComments: 'none',
    logLevel: 'silent'
  })
  const [name] = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint === entry)!
  return {
    files: new Map(result.outputFiles.map(({ path, contents }) => [nameOf(path), contents])),
    metafile: result.metafile,
    entry: nameOf(name)
  }
}

function nameOf(path: string): string {
  return path.split('/').at(-1)!
}

/** Other sources in place of some, by the end of what is imported. */
function replacing(replaced: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'replacing',
    setup: builder => {
      for (const [end, path] of Object.entries(replaced)) {
        const filter = new RegExp(`${end.replaceAll('.', '\\.')}$`)
        builder.onResolve({ filter }, () => ({ path: join(projectRoot, path) }))
      }
    }
  }
}
