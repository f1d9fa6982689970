import { readFileSync } from 'node:fs'

declare const TWINMESH_VERSION: string | undefined

/** Version of the package: put in by the bundler, read from `package.json` when it runs from sources. */
export function version(): string {
  if (typeof TWINMESH_VERSION === 'string') return TWINMESH_VERSION
  for (const up of ['../', '../../', '../../../']) {
    const text = tryRead(new URL(`${up}package.json`, import.meta.url))
    const found = text === undefined ? undefined : (JSON.parse(text) as { name?: string; version?: string })
    if (found?.name === 'twinmesh' && found.version !== undefined) return found.version
  }
  return '0.0.0'
}

function tryRead(url: URL): string | undefined {
  try {
    return readFileSync(url, 'utf8')
  } catch {
    return undefined
  }
}
