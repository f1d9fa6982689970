import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of `package.json`, wherever the specs were built to. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)))

/** Text of a file of the project, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8')
}

/** JSON of a file of the project; the caller says what it expects to find. */
export function readJson<T>(path: string): T {
  return JSON.parse(readText(path)) as T
}

/**
 * Paths of every file that belongs to the project, tracked or new, without what git ignores. A copy without git (a
 * tarball) is listed by walking.
 */
export function listFiles(): readonly string[] {
  const paths = existsSync(join(projectRoot, '.git')) ? listTracked() : walk('')
  return paths.filter(path => existsSync(join(projectRoot, path))).sort()
}

function listTracked(): string[] {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectRoot,
    encoding: 'utf8',
    maxBuffer: 1 << 26
  })
  return [...new Set(output.split('\0'))].filter(path => path !== '')
}

function walk(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (['node_modules', 'dist', '.build'].includes(entry.name)) return []
    return entry.isDirectory() ? walk(path) : [path]
  })
}

function findRoot(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, '.mocharc.json'))) return folder
  }
  throw new Error(`Cannot find the project above ${start}`)
}
