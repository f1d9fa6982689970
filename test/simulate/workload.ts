import type * as Y from 'yjs'
import { keyValue, type Space, SpaceError, type Spaces } from '../../crdt/index.ts'
import type { Floors } from './floors.ts'
import type { History, WriteRecord } from './history.ts'
import { hasLines, lineRoot } from './line-kind.ts'
import type { Random } from './random.ts'
import type { Life, Twin } from './twin.ts'
import type { World } from './world.ts'

export const namespace = 'n'
export const textRoot = 'text'
/** Of the tokens that the history gives out */
export const tokenLength = 6

/** Stands for all documents of the namespace */
export const shards = `kv/${namespace}`
export const keys: readonly string[] = Array.from({ length: 10 }, (_, index) => `key ${index}`)

/** A space that somebody makes when there is a moment for it. */
export interface Wish {
  readonly owner: number
  readonly kind: 'shared' | 'direct'
  readonly name: string
  readonly members: readonly number[]
  /** Added later, one by one */
  readonly late: readonly number[]
}

export interface WorkloadInit {
  readonly world: World
  readonly twins: readonly Twin[]
  readonly wishes: readonly Wish[]
  readonly history: History
  readonly floors: Floors
}

/** What people do: make spaces, keep values, write lines that only they may write, edit texts together. */
export class Workload {
  readonly #init: WorkloadInit
  readonly #random: Random
  readonly #busy = new Set<string>()

  constructor(init: WorkloadInit) {
    this.#init = init
    this.#random = init.world.random.fork()
  }

  step(): void {
    const { twins } = this.#init
    const random = this.#random
    const twin = random.pick(twins)
    const { life, spaces } = twin
    if (life === undefined || spaces === undefined) return
    this.#grant(twin, life, spaces)
    const open = spaces.list().filter(space => space.state === 'open' && space.myNumber !== undefined)
    if (open.length === 0) return
    const space = random.pick(open)
    if (random.chance(0.03)) this.#compact(twin, life, space)
    for (let edits = random.chance(0.15) ? 2 + random.below(6) : 1; edits > 0; edits--) this.#write(twin, life, space)
  }

  /** Makes what is wished for and still missing, whatever faults there are or are not. */
  grantAll(): void {
    for (const twin of this.#init.twins) {
      if (twin.life !== undefined && twin.spaces !== undefined) this.#grant(twin, twin.life, twin.spaces)
    }
  }

  /** Whether all spaces are there and have all their members. */
  get isGranted(): boolean {
    return this.#init.wishes.every(wish => {
      const space = this.#init.twins[wish.owner]!.spaces?.list().find(one => this.#isOf(one, wish))
      return space?.members().length === 1 + wish.members.length + wish.late.length
    })
  }

  #isOf(space: Space, { kind, name, members }: Wish): boolean {
    if (space.kind !== kind) return false
    return kind === 'shared' ? space.name.startsWith(name) : space.numberOf(this.#twinId(members[0]!)) !== undefined
  }

  #twinId(index: number): Uint8Array {
    return this.#init.twins[index]!.identity.twin
  }

  #grant(twin: Twin, life: Life, spaces: Spaces): void {
    const { wishes, world, floors } = this.#init
    for (const wish of wishes) {
      if (wish.owner !== twin.index) continue
      const found = spaces.list().find(space => this.#isOf(space, wish))
      if (found === undefined) {
        this.#once(`${wish.name} of ${twin.index}`, twin, life, async () => {
          const space =
            wish.kind === 'direct'
              ? await spaces.direct(this.#twinId(wish.members[0]!))
              : await spaces.create({
                  kind: 'shared',
                  name: wish.name,
                  members: wish.members.map(at => this.#twinId(at))
                })
          if (!life.isDead && space !== undefined) floors.hasSpace(twin.index, spaces, space.id)
        })
        continue
      }
      const next = wish.late.find(at => found.numberOf(this.#twinId(at)) === undefined)
      if (next === undefined || !this.#random.chance(0.2)) continue
      this.#once(`${wish.name} of ${twin.index}`, twin, life, async () => {
        if (this.#random.chance(0.3)) await spaces.rename(found, `${wish.name}${next}`)
        await spaces.addMember(found, this.#twinId(next))
        if (life.isDead) return
        world.counts.memberChanges++
        floors.hasSpace(twin.index, spaces, found.id)
      })
    }
  }

  /** One at a time in each life. */
  #once(what: string, twin: Twin, life: Life, run: () => Promise<void>): void {
    const key = `${what} ${lifeNumber(life)}`
    if (this.#busy.has(key)) return
    this.#busy.add(key)
    run()
      .catch(cause => {
        if (!life.isDead) twin.expectDisk(cause, what)
      })
      .finally(() => this.#busy.delete(key))
  }

  #write(twin: Twin, life: Life, space: Space): void {
    const random = this.#random
    const hasText = space.kind === 'self' || space.kind === 'shared'
    const hasDiary = hasLines(space)
    const kind = random.below(10)
    if (hasText && kind < 3) this.#put(twin, life, space)
    else if (hasText && kind < 5) this.#type(twin, life, space)
    else if (hasText && kind < 6) this.#scratch(twin, life, space)
    else if (hasDiary) this.#line(twin, life, space)
    else this.#put(twin, life, space)
  }

  /** As a space does on its own when it has grown. */
  #compact(twin: Twin, life: Life, space: Space): void {
    const { world } = this.#init
    world.log.add(world.time.now, `${twin.index} compacts ${space.text.slice(0, 4)}`)
    space.compact().then(
      ({ dropped }) => {
        if (life.isDead) return
        world.counts.compactions++
        world.counts.droppedEntries += dropped
        world.log.add(world.time.now, `${twin.index} has dropped ${dropped}`)
      },
      cause => this.#refused(twin, life, cause)
    )
  }

  #put(twin: Twin, life: Life, space: Space): void {
    const random = this.#random
    const table = keyValue(space, namespace, { clock: () => twin.clock.now() })
    const key = random.pick(keys)
    const type = random.chance(0.15) ? 'delete' : 'put'
    const record = this.#begin(twin, space, shards, type, key)
    const value = new TextEncoder().encode(record.token)
    this.#settle(twin, life, space, record, type === 'put' ? table.put(key, value) : table.delete(key))
  }

  /** Texts are made of tokens of one length, inserted between others: each stays whole. */
  #type(twin: Twin, life: Life, space: Space): void {
    const random = this.#random
    const document = `text/paper${random.below(2)}`
    const record = this.#begin(twin, space, document, 'token')
    const at = random.next()
    const edit = (doc: Y.Doc) => {
      const text = doc.getText(textRoot)
      text.insert(tokenLength * (at % (text.length / tokenLength + 1)), record.token)
    }
    if (random.chance(0.25)) {
      // As an editor does it: on the document itself, acknowledged by nobody
      void space.doc(document).then(
        doc => {
          if (!life.isDead && space.mayWrite(document)) edit(doc)
        },
        cause => this.#refused(twin, life, cause)
      )
    } else this.#settle(twin, life, space, record, space.write(document, edit))
  }

  #scratch(twin: Twin, life: Life, space: Space): void {
    const random = this.#random
    const record = this.#begin(twin, space, 'text/scratch', 'scratch')
    const [at, isRemoval] = [random.next(), random.chance(0.4)]
    const edit = (doc: Y.Doc) => {
      const text = doc.getText(textRoot)
      const start = at % (text.length + 1)
      if (isRemoval) text.delete(start, Math.min(5, text.length - start))
      else text.insert(start, record.token)
    }
    this.#settle(twin, life, space, record, space.write('text/scratch', edit))
  }

  #line(twin: Twin, life: Life, space: Space): void {
    const document = `diary/${space.myNumber}`
    const record = this.#begin(twin, space, document, 'line')
    const edit = (doc: Y.Doc) => doc.getArray<string>(lineRoot).push([record.token])
    this.#settle(twin, life, space, record, space.write(document, edit))
  }

  #begin(twin: Twin, space: Space, document: string, type: WriteRecord['type'], key?: string): WriteRecord {
    const { history, world } = this.#init
    world.log.add(world.time.now, `${twin.index} writes ${space.text.slice(0, 4)} ${document} ${type}`)
    return history.begin({ twin: twin.index, space: space.text, document, type, key })
  }

  #settle(twin: Twin, life: Life, space: Space, record: WriteRecord, write: Promise<unknown>): void {
    const { world, floors } = this.#init
    write.then(
      () => {
        if (life.isDead || life.spaces === undefined) return
        record.isAcknowledged = true
        world.counts.acknowledged++
        world.log.add(world.time.now, `${twin.index} acknowledges ${record.token}`)
        floors.acknowledged(twin.index, life.spaces, space.id)
      },
      cause => this.#refused(twin, life, cause)
    )
  }

  #refused(twin: Twin, life: Life, cause: unknown): void {
    if (life.isDead) return
    this.#init.world.counts.refusedWrites++
    if (cause instanceof SpaceError && ['not-open', 'stopped'].includes(cause.code)) return
    twin.expectDisk(cause, 'a write was refused')
  }
}

const numbers = new WeakMap<Life, number>()
let lives = 0

function lifeNumber(life: Life): number {
  const number = numbers.get(life) ?? lives++
  numbers.set(life, number)
  return number
}
