import { execFileSync } from 'node:child_process'

/**
 * Two network namespaces that reach a third and never each other: whatever passes between them passes through what runs in the
 * middle. Needs root and `ip`; throws where it cannot be made.
 */
export class RelayOnly {
  readonly #names: readonly string[]

  constructor() {
    const tag = `${process.pid}`
    this.#names = ['a', 'm', 'b'].map(part => `twinmesh-${tag}-${part}`)
    const [a, middle, b] = this.#names as [string, string, string]
    try {
      for (const name of this.#names) {
        ip('netns', 'add', name)
        ip('-n', name, 'link', 'set', 'lo', 'up')
      }
      for (const [index, name] of [a, b].entries()) {
        const [end, far] = [`tm${tag}${index}`, `tmm${tag}${index}`]
        ip('link', 'add', end, 'netns', name, 'type', 'veth', 'peer', 'name', far, 'netns', middle)
        ip('-n', name, 'addr', 'add', `10.77.${index}.2/24`, 'dev', end)
        ip('-n', middle, 'addr', 'add', `10.77.${index}.1/24`, 'dev', far)
        ip('-n', name, 'link', 'set', end, 'up')
        ip('-n', middle, 'link', 'set', far, 'up')
        ip('-n', name, 'route', 'add', 'default', 'via', `10.77.${index}.1`)
        // Refused at once, not after a time
        ip('-n', name, 'route', 'add', 'unreachable', `10.77.${1 - index}.2/32`)
      }
    } catch (error) {
      this.remove()
      throw error
    }
  }

  /** Addresses of the middle, as the two sides see it. */
  readonly hosts = ['10.77.0.1', '10.77.1.1']

  within(part: 'a' | 'middle' | 'b'): string[] {
    const index = { a: 0, middle: 1, b: 2 }[part]
    return ['ip', 'netns', 'exec', this.#names[index]!]
  }

  remove(): void {
    for (const name of this.#names) {
      try {
        ip('netns', 'del', name)
      } catch {
        // Was never made
      }
    }
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}
