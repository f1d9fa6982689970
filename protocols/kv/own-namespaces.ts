import { decode, encode } from '../../crdt/crypto/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { type KeyValue, keyValue, keyValueKind } from '../../crdt/key-value/index.ts'
import { ProtocolError } from '../core/index.ts'
import { copyEntries, isEmpty, removeCopied } from './move-entries.ts'
import { entriesOf, markWhole, untilWhole } from './shared-content.ts'
import { until } from './until.ts'

/** Namespace of the registry; a contact's is never in the twin's own space. */
const registryName = '.namespaces'

export interface OwnNamespacesComponents {
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'create' | 'accept'>
  /** Whether this twin made the space */
  isMine(space: Space): boolean
  onSpaces(listener: () => void): () => void
}

interface NamespaceRow {
  readonly exists: boolean
  readonly space?: string
  readonly moved: boolean
  /** There is a space, which the registry does not say */
  readonly isUnsaid?: boolean
}

/** Namespaces of this twin. A registry in the twin's own space tells all devices which there are and which are shared. */
export class OwnNamespaces {
  readonly #components: OwnNamespacesComponents
  /** Milliseconds to wait for a space that another device made */
  readonly #waitMs: number
  readonly #registry: KeyValue
  /** What was opened, until the registry says that it may be elsewhere */
  readonly #open = new Map<string, KeyValue>()
  /** Those known to be in a space of their own */
  readonly #moved = new Set<string>()
  #stopWatching: (() => void) | undefined
  #isStopped = false
  readonly #toReview = new Set<string>()
  #reviewing: Promise<void> = Promise.resolve()
  readonly #moving = new Map<string, Promise<Space>>()
  readonly #writing = new Map<string, Set<Promise<unknown>>>()

  constructor(components: OwnNamespacesComponents, waitMs: number) {
    this.#components = components
    this.#waitMs = waitMs
    this.#registry = keyValue(components.spaces.self, registryName)
  }

  async *names(): AsyncGenerator<string> {
    for await (const { key } of this.#registry.list({})) yield key
  }

  isMoving(name: string): boolean {
    return this.#moving.has(name)
  }

  start(): void {
    if (this.#stopWatching !== undefined) return
    const { spaces, onSpaces } = this.#components
    const stops = [
      spaces.self.on('rows', ({ kind, rows }) => {
        if (kind === keyValueKind.kind) for (const { key, value } of rows) this.#noteRow(key, value !== undefined)
      }),
      // A namespace may be in one of them
      onSpaces(() => this.#open.clear())
    ]
    this.#stopWatching = () => {
      for (const stop of stops) stop()
    }
    this.#reviewing = this.#reviewAll().catch(() => {})
  }

  async stop(): Promise<void> {
    this.#stopWatching?.()
    this.#isStopped = true
    await this.#reviewing
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
    if (this.#stopWatching !== undefined && !this.#moving.has(name)) this.#open.set(`${intent} ${name}`, table)
    return table
  }

  /** What another device, which does not know yet, writes to a namespace that is shared goes where it is by now. */
  #noteRow(row: string, isThere: boolean): void {
    const end = row.indexOf('/')
    const [namespace, key] = [row.slice(0, end), row.slice(end + 1)]
    if (namespace === registryName) this.#forget(key)
    else if (!isThere || !this.#moved.has(namespace)) return
    this.#reviewSoon(namespace === registryName ? key : namespace)
  }

  /** One after the other; what fails is done at the next start or change. */
  #reviewSoon(name: string): void {
    if (this.#toReview.has(name)) return
    this.#toReview.add(name)
    const review = async () => {
      this.#toReview.delete(name)
      if (!this.#isStopped) await this.#review(name)
    }
    this.#reviewing = this.#reviewing.then(review).catch(() => {})
  }

  async #reviewAll(): Promise<void> {
    for await (const name of this.names()) this.#reviewSoon(name)
  }

  async #review(name: string): Promise<void> {
    const { space: text, moved, isUnsaid } = await this.#row(name)
    if (moved) this.#moved.add(name)
    else this.#moved.delete(name)
    const { spaces } = this.#components
    const isHere = spaces.list().some(space => space.text === text && space.state === 'open')
    if (!isHere) return
    // What another device is moving it goes on moving
    if (isUnsaid || (moved && !(await isEmpty(keyValue(spaces.self, name))))) await this.share(name)
  }

  #forget(name: string): void {
    this.#open.delete(`read ${name}`)
    this.#open.delete(`write ${name}`)
  }

  async #move(name: string): Promise<Space> {
    const { spaces } = this.#components
    const source = keyValue(spaces.self, name)
    const row = await this.#row(name)
    if (row.moved && (await isEmpty(source))) return await this.#spaceOf(row.space!)
    const known = row.space === undefined ? undefined : await this.#spaceOf(row.space)
    const space = known ?? (await spaces.create({ kind: 'shared', name, members: [] }))
    if (!row.moved) await this.#registry.put(name, encode({ space: space.text }))
    await Promise.allSettled(this.#writing.get(name) ?? [])
    await copyEntries(source, entriesOf(space))
    if (!row.moved) {
      await markWhole(space)
      await this.#registry.put(name, encode({ space: space.text, moved: true }))
    }
    await removeCopied(source, entriesOf(space))
    return space
  }

  async #row(name: string): Promise<NamespaceRow> {
    const { spaces, isMine } = this.#components
    const entry = await this.#registry.get(name)
    // Written above, by one of the owner's devices
    const { space, moved } = decode(entry?.value ?? encode({})) as { space?: string; moved?: boolean }
    if (space !== undefined) return { exists: true, space, moved: moved === true }
    // A crash came before the row was written, or a device that did not know of it wrote one of its own over it
    const made = spaces.list().filter(each => isMine(each) && each.name === name)
    const first = made.map(({ text }) => text).sort()[0]
    return { exists: entry !== undefined, space: first, moved: false, isUnsaid: first !== undefined }
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
