import { ip } from './ip.ts'

const parts = ['a', 'b', 'c'] as const
export type RelayedPart = (typeof parts)[number]

/**
 * Three network namespaces that reach a fourth and never each other: whatever passes between them passes through what runs in the
 * middle. Needs root and `ip`; throws where it cannot be made.
 */
export class RelayOnly {
  readonly #tag = `${process.pid}`

  constructor() {
    try {
      for (const name of ['middle', ...parts].map(part => this.#name(part))) {
        ip('netns', 'add', name)
        ip('-n', name, 'link', 'set', 'lo', 'up')
      }
      for (const [index, part] of parts.entries()) {
        const name = this.#name(part)
        const [end, far] = [`tm${this.#tag}${index}`, `tmm${this.#tag}${index}`]
        ip('link', 'add', end, 'netns', name, 'type', 'veth', 'peer', 'name', far, 'netns', this.#name('middle'))
        ip('-n', name, 'addr', 'add', `10.77.${index}.2/24`, 'dev', end)
        ip('-n', this.#name('middle'), 'addr', 'add', `10.77.${index}.1/24`, 'dev', far)
        ip('-n', name, 'link', 'set', end, 'up')
        ip('-n', this.#name('middle'), 'link', 'set', far, 'up')
        ip('-n', name, 'route', 'add', 'default', 'via', `10.77.${index}.1`)
        // Refused at once, not after a time
        for (const other of parts.keys()) {
          if (other !== index) ip('-n', name, 'route', 'add', 'unreachable', `10.77.${other}.2/32`)
        }
      }
    } catch (error) {
      this.remove()
      throw error
    }
  }

  /** Addresses of the middle, as the sides see it. */
  readonly hosts = parts.map((_, index) => `10.77.${index}.1`)

  hostFor(part: RelayedPart): string {
    return this.hosts[parts.indexOf(part)]!
  }

  within(part: RelayedPart | 'middle'): string[] {
    return ['ip', 'netns', 'exec', this.#name(part)]
  }

  remove(): void {
    for (const part of ['middle', ...parts]) {
      try {
        ip('netns', 'del', this.#name(part))
      } catch {
        // Was never made
      }
    }
  }

  #name(part: string): string {
    return `twinmesh-${this.#tag}-${part[0]}`
  }
}
