import { encode } from '../../crdt/crypto/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { ProtocolError } from '../core/index.ts'
import { type Content, contentOf, isEmpty, namespaceOf } from './content.ts'
import { Families, isUsable } from './family.ts'
import { copyContent, removeCopied, settle } from './move-entries.ts'
import { MovedRows } from './moved-rows.ts'
import { dropOldDeletions } from './old-deletions.ts'
import { Reviews } from './reviews.ts'
import { hasTaken, isWhole, isWholeRow, keyOfRow, markWhole, opened, sharedContent } from './shared-content.ts'
import { onSpaceRows, type Row } from './space-rows.ts'
import { takeContent, takeMembers } from './take-over.ts'
import { until } from './until.ts'
import { type Where, whereIs } from './where.ts'
import { Writes } from './writes.ts'

/** Namespace of the registry; a contact's is never in the twin's own space. */
const registryName = '.namespaces'

export interface OwnNamespacesComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'create' | 'accept' | 'addMember' | 'isKeeper' | 'on'>
  /** Whether this twin made the space */
  isMine(space: Space): boolean
  onSpaces(listener: (detail: { space: Space }) => void): () => void
}

/** Namespaces of this twin. A registry in the twin's own space tells all devices which there are and which are shared. */
export class OwnNamespaces {
  readonly #components: OwnNamespacesComponents
  /** Milliseconds to wait for a space that another device made */
  readonly #waitMs: number
  readonly #registry: KeyValue
  /** What was opened, until the registry says that it may be elsewhere */
  readonly #open = new Map<string, Content>()
  /** Those known to be in a space of their own */
  readonly #moved = new Set<string>()
  /** Pairs of spaces: the first one has had, in this run, what the other one has here */
  readonly #taken = new Set<string>()
  /** By name, what was written to the private one after it was moved, and was moved in this run */
  readonly #rest = new MovedRows()
  #stopWatching: (() => void) | undefined
  readonly #families: Families
  readonly #reviews = new Reviews()
  readonly #moving = new Map<string, Promise<Space>>()
  readonly #writes = new Writes()

  constructor(components: OwnNamespacesComponents, waitMs: number) {
    this.#components = components
    this.#waitMs = waitMs
    this.#families = new Families(components.spaces)
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
    const { spaces, onSpaces, isMine } = this.#components
    const noteRows = (_: Space, rows: readonly Row[]) => {
      for (const { key, value } of rows) this.#noteRow(key, value !== undefined)
    }
    const stops = [
      onSpaceRows(spaces, ({ kind }) => kind === 'self', noteRows),
      onSpaceRows(spaces, isMine, (space, rows) => this.#noteShared(space, rows)),
      onSpaces(({ space }) => {
        // A namespace may be in one of them
        this.#open.clear()
        this.#families.clear()
        if (isMine(space) && (this.#moved.has(space.name) || this.#family(space.name).length > 1))
          this.#reviewSoon(space.name)
      })
    ]
    this.#families.isWatched = true
    this.#stopWatching = () => {
      for (const stop of stops) stop()
    }
    this.#reviews.soon('', () => this.#reviewAll())
  }

  settled(): Promise<void> {
    return this.#reviews.settled()
  }

  async stop(): Promise<void> {
    this.#stopWatching?.()
    await this.#reviews.stop()
  }

  /** What a namespace has, wherever it is by now; the first write to one puts it on the list. */
  open(name: string, intent: 'read' | 'write'): Content | Promise<Content> {
    return this.#open.get(`${intent} ${name}`) ?? this.#find(name, intent)
  }

  /** Lets a namespace be moved only when this write is over. */
  writing<T>(name: string, write: Promise<T>): Promise<T> {
    return this.#writes.run(name, write)
  }

  /** The space of a namespace, if it is shared. */
  async sharedAs(name: string): Promise<Space | undefined> {
    const { space } = await this.#where(name)
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

  async #find(name: string, intent: 'read' | 'write'): Promise<Content> {
    const moving = this.#moving.get(name)
    if (moving !== undefined) return sharedContent(await moving)
    const row = await this.#where(name)
    if (row.space !== undefined)
      return sharedContent(row.moved ? await this.#spaceOf(row.space) : await this.share(name))
    if (intent === 'write' && !row.exists) await this.#registry.put(name, encode({}))
    const content = contentOf(this.#components.spaces.self, name)
    // Without the watch nobody would say that another device shared it
    if (this.#stopWatching !== undefined && !this.#moving.has(name)) this.#open.set(`${intent} ${name}`, content)
    return content
  }

  /** What another device, which does not know yet, does in a namespace that is shared is done where it is by now. */
  #noteRow(row: string, isThere: boolean): void {
    const end = row.indexOf('/')
    const [table, key] = [row.slice(0, end), row.slice(end + 1)]
    const name = table === registryName ? key : namespaceOf(table)
    if (table === registryName) this.#forget(name)
    else if (!isThere || !this.#moved.has(name)) return
    this.#reviewSoon(name)
  }

  /** The same for one of several spaces; and what came into the namespace may have been copied by a device that knew less. */
  #noteShared(space: Space, rows: readonly Row[]): void {
    const { name } = space
    const family = this.#family(name)
    const there = rows.filter(({ value }) => value !== undefined)
    const isPlace = space.text === family.find(isUsable)?.text
    if (there.some(({ key }) => !isPlace || isWholeRow(key))) this.#reviewSoon(name)
    const rest = this.#rest.get(name)
    if (!isPlace || (rest === undefined && family.length < 2)) return
    const others = family.filter(({ text, state }) => text !== space.text && state !== 'offered')
    const sources = [...others.map(sharedContent), ...(rest === undefined ? [] : [rest])]
    for (const { key: row } of there) {
      const key = keyOfRow(row)
      if (key === undefined) continue
      this.#reviews.soon(`${name}/${key}`, () => settle(key, sharedContent(space), sources))
    }
  }

  /** What fails is done at the next start or change. */
  #reviewSoon(name: string): void {
    this.#reviews.soon(name, () => this.#review(name))
  }

  async #reviewAll(): Promise<void> {
    for await (const name of this.names()) {
      this.#reviewSoon(name)
      this.#reviews.soon(`-${name}`, () => this.#dropOldDeletions(name))
    }
  }

  async #review(name: string): Promise<void> {
    const { spaces } = this.#components
    const { space: text, moved, isUnsaid, others } = await this.#where(name)
    this.#moved[moved ? 'add' : 'delete'](name)
    const family = this.#family(name)
    // Follows to where everybody goes; the review goes on once it is open
    if (family[0]?.state === 'offered' && family.some(isUsable)) await spaces.accept(family[0].id)
    const space = spaces.list().find(each => each.text === text && each.state === 'open')
    if (space === undefined) return
    // What another device is moving it goes on moving; and what is to be compared with the rest has to be here
    const isLeft = moved && !(await isEmpty(contentOf(spaces.self, name))) && (await isWhole(space))
    if (isUnsaid || isLeft || (!moved && others.length > 0)) await this.share(name)
    else await this.#take(space, others)
    await takeMembers(space, family, this.#components)
  }

  /** Not while something may come that they are to stand over. */
  async #dropOldDeletions(name: string): Promise<void> {
    const { space, moved } = await this.#where(name)
    const [place, another] = this.#family(name)
    if (space === undefined) await dropOldDeletions(contentOf(this.#components.spaces.self, name))
    else if (moved && place !== undefined && another === undefined) await dropOldDeletions(sharedContent(place))
  }

  async #take(space: Space, others: readonly Space[]): Promise<void> {
    await takeContent(space, others, this.#components)
    for (const other of others) this.#taken.add(`${space.text} ${other.text}`)
  }

  #forget(name: string): void {
    this.#open.delete(`read ${name}`)
    this.#open.delete(`write ${name}`)
  }

  async #move(name: string): Promise<Space> {
    const { spaces } = this.#components
    const source = contentOf(spaces.self, name)
    const row = await this.#where(name)
    if (row.moved && (await isEmpty(source))) return await this.#spaceOf(row.space!)
    const known = row.space === undefined ? undefined : await this.#spaceOf(row.space)
    const space = known ?? (await spaces.create({ kind: 'shared', name, members: [] }))
    if (known === undefined || row.isUnsaid) await this.#registry.put(name, encode({ space: space.text }))
    await this.#writes.over(name)
    const target = sharedContent(space)
    if (row.moved) await this.#rest.add(name, source)
    await copyContent(source, target)
    await this.#take(space, row.others)
    if (!row.moved) {
      await markWhole(space)
      if (row.isToSay) await this.#registry.put(name, encode({ space: space.text, moved: true }))
    }
    await removeCopied(source, target)
    return space
  }

  async #where(name: string): Promise<Where> {
    const isTaken = async (space: Space, other: Space) =>
      this.#taken.has(`${space.text} ${other.text}`) || (await hasTaken(space, other))
    return whereIs(await this.#registry.get(name), this.#family(name), isTaken)
  }

  #family(name: string): readonly Space[] {
    return this.#families.find(name, this.#components.isMine, name)
  }

  async #spaceOf(text: string): Promise<Space> {
    const { spaces, onSpaces } = this.#components
    const find = () => spaces.list().find(space => space.text === text)
    const space = await until(find, onSpaces, this.#waitMs)
    if (space === undefined) throw new ProtocolError('Unavailable', 'This namespace has not arrived on this device yet')
    // A device that does not keep shared namespaces begins to when one is asked for
    return await opened(space, this.#components, this.#waitMs)
  }
}
