import { decode, encode } from '../../crdt/crypto/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { ProtocolError } from '../core/index.ts'
import { deleteEntries, moveEntries } from './move-entries.ts'
import { entriesOf, markWhole, untilWhole } from './shared-content.ts'
import { until } from './until.ts'

export interface OwnNamespacesComponents {
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'create' | 'accept'>
  /** Whether this twin made the space */
  isMine(space: Space): boolean
  onSpaces(listener: () => void): () => void
}

/** Namespaces of this twin. A registry in the twin's own space tells all devices which there are and which are shared. */
export class OwnNamespaces {
  readonly #components: OwnNamespacesComponents
  /** Milliseconds to wait for a space that another device made */
  readonly #waitMs: number
  readonly #registry: KeyValue
  /** What was opened, until the registry says that it may be elsewhere */
  readonly #open = new Map<string, KeyValue>()
  readonly #stopped = new AbortController()
  #watching: Promise<void> | undefined
  readonly #moving = new Map<string, Promise<Space>>()
  readonly #writing = new Map<string, Set<Promise<unknown>>>()

  constructor(components: OwnNamespacesComponents, waitMs: number) {
    this.#components = components
    this.#waitMs = waitMs
    this.#registry = keyValue(components.spaces.self, '.namespaces')
  }

  async *names(): AsyncGenerator<string> {
    for await (const { key } of this.#registry.list({})) yield key
  }

  isMoving(name: string): boolean {
    return this.#moving.has(name)
  }

  start(): void {
    this.#watching ??= this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#watching
  }

  /** The entries of a namespace, wherever they are by now; the first write to one puts it on the list. */
  open(name: string, intent: 'read' | 'write'): KeyValue | Promise<KeyValue> {
    return this.#open.get(`${intent} ${name}`) ?? this.#find(name, intent)
  }

  /** Lets a namespace be moved only when this write is over. */
  async writing<T>(name: string, write: Promise<T>): Promise<T> {
    const current = this.#writing.get(name) ?? new Set()
    this.#writing.set(name, current)
    current.add(write)
    try {
      return await write
    } finally {
      current.delete(write)
      if (current.size === 0) this.#writing.delete(name)
    }
  }

  /** The space of a namespace, if it is shared. */
  async sharedAs(name: string): Promise<Space | undefined> {
    const { space } = await this.#row(name)
    return this.#components.spaces.list().find(({ text }) => text === space)
  }

  /** Makes a namespace a space of its own. Every step can be repeated, so a crash between two of them loses nothing. */
  share(name: string): Promise<Space> {
    const running = this.#moving.get(name)
    if (running !== undefined) return running
    const moving = this.#move(name).finally(() => this.#moving.delete(name))
    this.#moving.set(name, moving)
    this.#forget(name)
    return moving
  }

  async #find(name: string, intent: 'read' | 'write'): Promise<KeyValue> {
    const moving = this.#moving.get(name)
    if (moving !== undefined) return entriesOf(await moving)
    const row = await this.#row(name)
    if (row.space !== undefined) return entriesOf(row.moved ? await this.#spaceOf(row.space) : await this.share(name))
    if (intent === 'write' && !row.exists) await this.#registry.put(name, encode({}))
    const table = keyValue(this.#components.spaces.self, name)
    // Without the watch nobody would say that another device shared it
    if (this.#watching !== undefined && !this.#moving.has(name)) this.#open.set(`${intent} ${name}`, table)
    return table
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        for await (const { key } of this.#registry.watch({}, { signal })) this.#forget(key)
      } catch {
        // Too slow for all that changed, so everything may have
        this.#open.clear()
      }
    }
  }

  #forget(name: string): void {
    this.#open.delete(`read ${name}`)
    this.#open.delete(`write ${name}`)
  }

  async #move(name: string): Promise<Space> {
    const { spaces, isMine } = this.#components
    const row = await this.#row(name)
    if (row.space !== undefined && row.moved) return await this.#spaceOf(row.space)
    // A crash may have come between making the space and writing its row
    const made = spaces.list().find(space => isMine(space) && space.name === name)
    const known = row.space === undefined ? made : await this.#spaceOf(row.space)
    const space = known ?? (await spaces.create({ kind: 'shared', name, members: [] }))
    await this.#registry.put(name, encode({ space: space.text }))
    await Promise.allSettled(this.#writing.get(name) ?? [])
    // Nobody else is a member yet, so nothing in there can be newer than what is moved
    const source = keyValue(spaces.self, name)
    await moveEntries(source, entriesOf(space))
    await markWhole(space)
    await this.#registry.put(name, encode({ space: space.text, moved: true }))
    await deleteEntries(source)
    return space
  }

  async #row(name: string): Promise<{ exists: boolean; space?: string; moved: boolean }> {
    const entry = await this.#registry.get(name)
    if (entry === undefined) return { exists: false, moved: false }
    // Written above, by one of the owner's devices
    const { space, moved } = decode(entry.value) as { space?: string; moved?: boolean }
    return { exists: true, space, moved: moved === true }
  }

  async #spaceOf(text: string): Promise<Space> {
    const { spaces, onSpaces } = this.#components
    const find = () => spaces.list().find(space => space.text === text)
    const space = await until(find, onSpaces, this.#waitMs)
    if (space === undefined) throw new ProtocolError('Unavailable', 'This namespace has not arrived on this device yet')
    if (space.state !== 'offered') return space
    // A device that does not keep shared namespaces begins to when one is asked for
    const accepted = await spaces.accept(space.id)
    await untilWhole(accepted, onSpaces, this.#waitMs)
    return accepted
  }
}
