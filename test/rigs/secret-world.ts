import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Program } from '../harness/program.ts'
import { RelayOnly } from '../harness/relay-only.ts'
import { bootstrapFile, TwinProcess, temporaryFolder } from '../harness/twin.ts'
import { projectRoot } from '../project.ts'

/** What each step may take on a machine that does much else. */
const patienceMs = 120_000
const lifeMs = 900_000

export interface SecretWorldInit {
  /** Stands in everything that is said and written */
  readonly secret: string
  /** Stands in what a member without keys is told too */
  readonly known: string
  /** The member that is to hold ciphertext only; a reader is the control */
  readonly role: 'replica' | 'reader'
}

interface Line {
  readonly text: string
  readonly state: string
}

/**
 * A writer, a receiver, and a member that keeps without reading, over one meeting point that is relay and mailbox. As root each is
 * alone with the meeting point in a network, and every byte to and from it is written down.
 */
export class SecretWorld {
  /** Why what is sent is not captured; undefined when it is */
  notCaptured: string | undefined
  readonly #init: SecretWorldInit
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>
  readonly #programs: Program[] = []
  readonly #twins: TwinProcess[] = []
  #net: RelayOnly | undefined
  #theirs = ''

  static async create(init: SecretWorldInit): Promise<SecretWorld> {
    const world = new SecretWorld(init, await temporaryFolder())
    try {
      await world.#build()
    } catch (error) {
      await world.stop()
      throw error
    }
    return world
  }

  private constructor(init: SecretWorldInit, folder: Awaited<ReturnType<typeof temporaryFolder>>) {
    this.#init = init
    this.#folder = folder
  }

  get #house(): string {
    return `house-${this.#init.known}`
  }

  get middle(): { readonly pid: number; readonly home: string } {
    return { pid: this.#programs[0]!.pid, home: this.inFolder('middle') }
  }

  get capture(): string {
    return this.inFolder('capture')
  }

  get writer(): TwinProcess {
    return this.#twins[0]!
  }

  get receiver(): TwinProcess {
    return this.#twins[1]!
  }

  get keeper(): TwinProcess {
    return this.#twins[2]!
  }

  inFolder(name: string): string {
    return join(this.#folder.path, name)
  }

  /** Says and writes it, and waits until it is where it has to be: at the receiver, or with the mailbox while that is off. */
  async write(what: string): Promise<void> {
    const { secret } = this.#init
    const words = `${secret}-${what}-words`
    const file = this.inFolder(`${secret}-${what}.txt`)
    await writeFile(file, `${secret} ${what} content\n`.repeat(500))
    await this.writer.object('kv', 'put', `${secret}-${what}-key`, `${secret}-${what}-value`, '--space', this.#house)
    await this.writer.object('chat', 'send', this.receiver.id, words, '--attach', file)
    const isThere = ({ text, state }: Line) =>
      text === words && (this.receiver.isRunning ? state === 'their-twin' || state === 'opened' : state === 'mailbox')
    await this.writer.eventually<Line>(
      ['chat', 'history', this.receiver.id, '--peek'],
      lines => lines.some(isThere),
      patienceMs
    )
    await this.#isKept()
    if (this.receiver.isRunning) await this.isRead(what)
  }

  async whileAway(task: () => Promise<void>): Promise<void> {
    await this.receiver.stop()
    await task()
    await this.receiver.start()
  }

  /** What was written arrived in the receiver's namespace and conversation. */
  async isRead(what: string): Promise<void> {
    const { secret } = this.#init
    await this.receiver.eventually<{ key: string }>(
      ['kv', 'list', '--space', this.#theirs],
      lines => lines.some(({ key }) => key === `${secret}-${what}-key`),
      patienceMs
    )
    await this.receiver.eventually<Line>(
      ['chat', 'history', this.writer.id],
      lines => lines.some(({ text }) => text === `${secret}-${what}-words`),
      patienceMs
    )
  }

  async isRelayed(): Promise<boolean> {
    const lines = await this.writer.list<{ path: string }>('peers')
    return lines.some(({ path }) => path === 'relayed')
  }

  async stop(): Promise<void> {
    await Promise.all(this.#twins.map(twin => twin.stop()))
    await Promise.all(this.#programs.map(program => program.stop()))
    this.#net?.remove()
    await this.#folder.remove()
  }

  async #build(): Promise<void> {
    try {
      this.#net = new RelayOnly()
    } catch {
      this.notCaptured = 'wire and relay: needs root and network namespaces (ip netns)'
    }
    const bootstrap = await this.#startMiddle()
    for (const [index, part] of (['a', 'b', 'c'] as const).entries()) {
      const twin = new TwinProcess({
        home: this.inFolder(`twin-${part}`),
        bootstrap: [bootstrap[index]!],
        ...(this.#net && { within: this.#net.within(part) })
      })
      this.#twins.push(twin)
      await twin.init()
      await twin.start()
    }
    // Before they have a place at the relay nobody reaches them, and who tries again and again is made to wait
    if (this.#net !== undefined) for (const twin of this.#twins) await hasPlace(twin)
    await this.receiver.object('mailbox', 'use', bootstrap[1]!)
    for (const other of [this.receiver, this.keeper]) await this.#meet(other)
    await this.#shareHouse()
  }

  /** The meeting point, with an address for each side. */
  async #startMiddle(): Promise<string[]> {
    const home = this.inFolder('middle')
    await mkdir(home, { mode: 0o700 })
    const middle = { ...(this.#net && { within: this.#net.within('middle') }), lifeMs }
    const args = ['--home', home, '--port', '0', '--host', '127.0.0.1', '--mailbox', '--json']
    const program = new Program(bootstrapFile, { args, ...middle })
    this.#programs.push(program)
    const { peer, addresses } = await program.waitForJson<{ peer: string; addresses: string[] }>()
    const [port] = addresses.flatMap(text => /^\/ip4\/127\.0\.0\.1\/tcp\/(\d+)\/p2p\//.exec(text)?.[1] ?? [])
    const hosts = this.#net?.hosts ?? ['127.0.0.1', '127.0.0.1', '127.0.0.1']
    if (this.#net !== undefined) {
      const proxy = join(projectRoot, 'dist/test/harness/capture-proxy.js')
      const capturing = new Program(proxy, { args: [port!, this.capture, ...hosts], ...middle })
      this.#programs.push(capturing)
      await capturing.waitForJson()
    }
    return hosts.map(host => `/ip4/${host}/tcp/${port}/p2p/${peer}`)
  }

  async #meet(other: TwinProcess): Promise<void> {
    await other.eventually(['ping', this.writer.id, '--count', '1'], pongs => pongs.length === 1, patienceMs)
    const { link } = await this.writer.object<{ link: string }>('invite')
    await other.object('contacts', 'add', link, '--name', 'Writer')
    await other.eventually<{ state: string }>(['contacts', 'list'], ([first]) => first?.state === 'contact', patienceMs)
  }

  async #shareHouse(): Promise<void> {
    const { writer, receiver, keeper } = this
    const name = this.#house
    await writer.object('kv', 'put', 'first', 'one', '--space', name)
    await writer.eventually(['kv', 'share', name, receiver.id], lines => lines.length === 1, patienceMs)
    await writer.object('space', 'members', 'add', name, keeper.id, '--role', this.#init.role)
    const offered = (twin: TwinProcess) =>
      twin.eventually<{ name: string }>(['kv', 'offers'], lines => lines.length === 1, patienceMs)
    const [offer] = await offered(receiver)
    this.#theirs = offer!.name
    await receiver.object('kv', 'accept', offer!.name)
    const [kept] = await offered(keeper)
    await keeper.object('kv', 'accept', kept!.name)
    await this.#isKept()
  }

  async #isKept(): Promise<void> {
    await this.writer.eventually<{ id: string; delivered?: boolean }>(
      ['space', 'members', this.#house],
      members => members.some(({ id, delivered }) => id === this.keeper.id && delivered === true),
      patienceMs
    )
  }
}

async function hasPlace(twin: TwinProcess): Promise<void> {
  await twin.eventually<{ addresses: readonly string[] }>(
    ['status'],
    ([status]) => status?.addresses.some(address => address.includes('/p2p-circuit/')) === true,
    patienceMs
  )
}
