import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { type ConsoleFiles, readConsoleFiles } from '../../node/console/console-files.ts'
import { projectRoot } from '../project.ts'

/** Twins of the specs are made for Node in one place only: their cryptography. */
const inPage: Plugin = {
  name: 'in-page',
  setup: build => {
    const path = join(projectRoot, 'test/console/scene/page-crypto.ts')
    build.onResolve({ filter: /node\/crypto\.ts$/ }, () => ({ path }))
  }
}

let scene: Promise<ConsoleFiles> | undefined

/** The console as it ships, with the scene behind it instead of the light peer; built once for all specs. */
export function buildScene(): Promise<ConsoleFiles> {
  scene ??= build()
  return scene
}

async function build(): Promise<ConsoleFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'twinmesh-scene-'))
  try {
    const script = pathToFileURL(join(projectRoot, 'node/scripts/bundle-console.mjs')).href
    const { bundleConsole } = await import(script)
    await bundleConsole({ outdir: folder, main: 'test/console/scene/main.ts', plugins: [inPage] })
    return await readConsoleFiles(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
