import { ip } from './ip.ts'

/**
 * A network namespace of its own whose hosts have public addresses, which nodes of the public DHT want of each other: nothing leaves
 * it. Needs root and `ip`; throws where it cannot be made.
 */
export class PublicNet {
  readonly #name = `twinmesh-${process.pid}-public`
  readonly hosts = ['5.5.5.1', '5.5.5.2']
  readonly within = ['ip', 'netns', 'exec', this.#name]

  constructor() {
    ip('netns', 'add', this.#name)
    try {
      ip('-n', this.#name, 'link', 'set', 'lo', 'up')
      ip('-n', this.#name, 'link', 'add', 'wide', 'type', 'veth', 'peer', 'name', 'far')
      for (const host of this.hosts) ip('-n', this.#name, 'addr', 'add', `${host}/24`, 'dev', 'wide')
      for (const end of ['wide', 'far']) ip('-n', this.#name, 'link', 'set', end, 'up')
    } catch (error) {
      this.remove()
      throw error
    }
  }

  remove(): void {
    ip('netns', 'del', this.#name)
  }
}
