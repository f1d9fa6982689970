import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Program } from './program.ts'
import { bootstrapFile, TwinProcess, temporaryFolder } from './twin.ts'

/** Processes that start at the same time: as many as help on two cores. */
const startWidth = 3

export interface BootstrapProcess {
  readonly home: string
  readonly program: Program
  readonly peer: string
  readonly addresses: readonly string[]
}

/** Bootstrap nodes and twins on loopback, each a process of its own with a home of its own. */
export class MeshProcesses {
  readonly folder: string
  readonly bootstraps: BootstrapProcess[] = []
  readonly twins: TwinProcess[] = []
  readonly #remove: () => Promise<void>

  private constructor(folder: string, remove: () => Promise<void>) {
    this.folder = folder
    this.#remove = remove
  }

  static async create(): Promise<MeshProcesses> {
    const { path, remove } = await temporaryFolder()
    return new MeshProcesses(path, remove)
  }

  /** @param more options of `twin-bootstrap` */
  async addBootstrap(...more: readonly string[]): Promise<BootstrapProcess> {
    const home = join(this.folder, `bootstrap-${this.bootstraps.length}`)
    await mkdir(home, { mode: 0o700 })
    const bootstrap = await startBootstrap(home, '0', more)
    this.bootstraps.push(bootstrap)
    return bootstrap
  }

  /** Brings the first bootstrap node, which was stopped, back to where it was. */
  async startBootstrapAgain(): Promise<void> {
    const { home, addresses } = this.bootstraps[0]!
    this.bootstraps[0] = await startBootstrap(home, portOf(addresses.find(isLoopbackTcp)!))
  }

  /** Makes and starts twins that know the bootstrap nodes and nobody else. */
  async addTwins(count: number): Promise<TwinProcess[]> {
    const added = Array.from({ length: count }, () => this.newTwin())
    await inParallel(added, startWidth, async twin => {
      await twin.init()
      await twin.start()
    })
    return added
  }

  /** A twin with a home of its own that is not made yet. */
  newTwin(): TwinProcess {
    const bootstrap = this.bootstraps.flatMap(({ addresses }) => addresses.filter(isLoopbackTcp))
    const twin = new TwinProcess({ home: join(this.folder, `twin-${this.twins.length}`), bootstrap })
    this.twins.push(twin)
    return twin
  }

  async stop(): Promise<void> {
    await Promise.all([...this.twins.map(twin => twin.stop()), ...this.bootstraps.map(({ program }) => program.stop())])
    await this.#remove()
  }
}

/** Runs a task for each item, some at a time; the first failure is thrown after all have ended. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<R>
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const workers = Array.from({ length: Math.min(width, items.length) }, async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await task(items[at]!)
    }
  })
  const failed = (await Promise.allSettled(workers)).find(worker => worker.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results
}

async function startBootstrap(home: string, port: string, more: readonly string[] = []): Promise<BootstrapProcess> {
  const args = ['--home', home, '--port', port, '--json', ...more]
  const program = new Program(bootstrapFile, { args, lifeMs: 900_000 })
  return { home, program, ...(await program.waitForJson<{ peer: string; addresses: string[] }>()) }
}

/** The port in an address. */
export function portOf(address: string): string {
  return /\/(?:tcp|udp)\/(\d+)/.exec(address)?.[1] ?? ''
}

function isLoopbackTcp(address: string): boolean {
  return /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address)
}

/** By an invite; both know it in the end. */
export async function becomeContacts(inviting: TwinProcess, invited: TwinProcess): Promise<void> {
  const { link } = await inviting.object<{ link: string }>('invite')
  await invited.object('contacts', 'add', link)
  for (const [me, other] of [
    [inviting, invited],
    [invited, inviting]
  ] as const) {
    await me.eventually<{ id: string; state: string }>(['contacts', 'list'], lines =>
      lines.some(line => line.id === other.id && line.state === 'contact')
    )
  }
}
