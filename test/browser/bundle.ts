import { build, type Metafile } from 'esbuild'
import { projectRoot } from '../project.ts'

export interface Bundle {
  /** Contents by file name */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly metafile: Metafile
  /** Name of the file that the entry became */
  readonly entry: string
}

/** Bundles a source for pages as what ships is bundled: one file to begin with, others when they are imported. */
export async function bundleForPages(entry: string, more: { readonly define?: Record<string, string> } = {}): Promise<Bundle> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: projectRoot,
    outdir: 'page',
    bundle: true,
    splitting: true,
    minify: more.define?.DEBUG === undefined,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['browser', 'import'],
    define: { global: 'globalThis', ...more.define },
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
