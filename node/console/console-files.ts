import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One static file of the console, held in memory: all of them together are a few megabytes. */
export interface ConsoleFile {
  readonly type: string
  readonly body: Uint8Array
  /** Its name holds a hash of what is in it */
  readonly isImmutable: boolean
}

/** Every path that is served, and nothing else is: no request ever becomes the name of a file. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json'
}

/** Beside the bundle of the daemon, or beside the compiled sources. */
const places = ['../console/', '../../console/']

/** The built console; undefined where it was not built. */
export async function findConsoleFiles(): Promise<ConsoleFiles | undefined> {
  for (const place of places) {
    const files = await readConsoleFiles(fileURLToPath(new URL(place, import.meta.url)))
    if (files.has('/index.html')) return files
  }
  return undefined
}

export async function readConsoleFiles(folder: string): Promise<ConsoleFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const found = entries.flatMap(entry => {
    const type = mediaTypes[extname(entry.name)]
    return entry.isFile() && type !== undefined
      ? { type, name: entry.name, file: join(entry.parentPath, entry.name) }
      : []
  })
  const read = found.map(async ({ type, name, file }): Promise<[string, ConsoleFile]> => {
    const path = `/${file.slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, '')}`
    return [path, { type, body: await readFile(file), isImmutable: /-[A-Z0-9]{8}\.\w+$/.test(name) }]
  })
  const files = new Map(await Promise.all(read))
  const page = files.get('/index.html')
  if (page !== undefined) files.set('/', page)
  return files
}
