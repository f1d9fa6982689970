import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atExit, rigFolder } from './leftovers.ts'
import { NotRun } from './rig.ts'

/** File systems of a rig under one temporary folder; taken down and removed however the rig ends. */
export class Mounts {
  readonly #folder = rigFolder('mounts')
  readonly #forget = atExit(() => this.#unmountAll())
  #mounted: string[] = []

  path(...names: string[]): string {
    return join(this.#folder.path, ...names)
  }

  /** An empty file of that size, of which nothing takes room yet. */
  image(path: string, bytes: number): string {
    writeFileSync(path, '')
    truncateSync(path, bytes)
    return path
  }

  /** Makes a file system in an image. */
  format(program: string, ...args: string[]): void {
    run(program, args)
  }

  /** @throws {NotRun} when that may not be mounted here */
  mount(at: string, ...args: string[]): string {
    mkdirSync(at, { recursive: true })
    run('mount', [...args, at])
    this.#mounted.unshift(at)
    return at
  }

  unmount(at: string): void {
    this.#mounted = this.#mounted.filter(each => each !== at)
    try {
      execFileSync('umount', [at], { stdio: 'ignore' })
    } catch {
      // Something was killed a moment ago and is not quite gone
      execFileSync('umount', ['-l', at], { stdio: 'ignore' })
    }
  }

  end(): void {
    this.#forget()
    this.#unmountAll()
    this.#folder.remove()
  }

  #unmountAll(): void {
    for (const at of this.#mounted) this.unmount(at)
  }
}

function run(program: string, args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (cause) {
    const { code, stderr } = cause as { code?: string; stderr?: Buffer }
    if (code === 'ENOENT') throw new NotRun(`needs ${program}`, { cause })
    throw new NotRun(`${program} failed here: ${String(stderr ?? cause).trim()}`, { cause })
  }
}
