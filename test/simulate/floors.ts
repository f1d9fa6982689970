import type { Spaces } from '../../crdt/index.ts'
import { bytesToHex, type LogId } from '../../crdt/log/index.ts'
import type { World } from './world.ts'

interface Floor {
  records: number
  readonly logs: Map<string, number>
}

/**
 * What every twin has made others believe that it holds: writes it acknowledged, runs it passed on, frontiers it signed. None of it
 * may be gone after whatever happens. And every entry has one hash, whoever holds it.
 */
export class Floors {
  readonly #world: World
  readonly #floors: Map<string, Floor>[]
  readonly #hashes = new Map<string, string>()

  constructor(world: World) {
    this.#world = world
    this.#floors = Array.from({ length: world.options.twins }, () => new Map())
  }

  /** Spaces were opened anew from the disk. */
  checkStart(twin: number, spaces: Spaces): void {
    for (const [text, floor] of this.#floors[twin]!) {
      const space = spaces.list().find(one => one.text === text)
      const info = space && spaces.replica.space(space.id)
      if (info === undefined) {
        this.#lost(`twin ${twin} has lost a space`)
        continue
      }
      if (info.mhead[1] < floor.records) this.#lost(`twin ${twin} has lost a decision about members`)
      const held = new Map(info.frontier().map(([of, device, seq]) => [logOf({ twin: of, device }), seq]))
      for (const [log, seq] of floor.logs) {
        if ((held.get(log) ?? 0) < seq) {
          this.#lost(`twin ${twin} has lost entries of log ${log}: it held ${seq} and holds ${held.get(log) ?? 0}`)
        }
      }
      this.#checkHashes(twin, text, info.frontier())
    }
  }

  /** Listens to what the twin tells its peers. */
  watch(twin: number, spaces: Spaces, isAlive: () => boolean): void {
    const { replica } = spaces
    replica.on('runs', ({ space, log, last }) => {
      if (!isAlive()) return
      const text = bytesToHex(space)
      this.#world.log.add(this.#world.time.now, `${twin} stores ${text.slice(0, 4)} ${logOf(log)} ${last}`)
      this.#raise(twin, text, logOf(log), last)
      const frontier = replica.space(space)?.frontier() ?? []
      // The other logs were looked at when they grew
      const head = frontier.find(([of, device]) => logOf({ twin: of, device }) === logOf(log))
      if (head !== undefined) this.#checkHashes(twin, text, [head])
    })
    replica.on('durable', ({ space, claims, from }) => {
      if (!isAlive() || from !== undefined) return
      for (const { log, seq } of claims) this.#raise(twin, bytesToHex(space), logOf(log), seq)
    })
    replica.on('records', ({ space }) => {
      if (isAlive()) this.hasSpace(twin, spaces, space)
    })
    replica.on('space', ({ space }) => {
      // Later it says that the space can be read again: what others decided may not be stored yet, and nobody counts on it
      const isKnown = this.#floors[twin]!.has(bytesToHex(space))
      if (isAlive() && !isKnown) this.hasSpace(twin, spaces, space)
    })
  }

  /** The twin was told that its write is saved, or that a space or decision is. */
  hasSpace(twin: number, spaces: Spaces, id: Uint8Array): void {
    const info = spaces.replica.space(id)
    if (info === undefined) return
    const floor = this.#floor(twin, bytesToHex(id))
    floor.records = Math.max(floor.records, info.mhead[1])
    if (info.state === 'frozen') this.#world.violate(`twin ${twin}: the members of a space were decided twice`)
  }

  acknowledged(twin: number, spaces: Spaces, id: Uint8Array): void {
    const { self } = spaces.replica
    const own = logOf(self)
    const text = bytesToHex(id)
    for (const [of, device, seq] of spaces.replica.space(id)?.frontier() ?? []) {
      if (logOf({ twin: of, device }) === own) this.#raise(twin, text, own, seq)
    }
  }

  #raise(twin: number, space: string, log: string, seq: number): void {
    const { logs } = this.#floor(twin, space)
    logs.set(log, Math.max(logs.get(log) ?? 0, seq))
  }

  #floor(twin: number, space: string): Floor {
    let floor = this.#floors[twin]!.get(space)
    if (floor === undefined) {
      floor = { records: 0, logs: new Map() }
      this.#floors[twin]!.set(space, floor)
    }
    return floor
  }

  #checkHashes(
    twin: number,
    space: string,
    frontier: readonly (readonly [Uint8Array, number, number, Uint8Array])[]
  ): void {
    for (const [of, device, seq, hash] of frontier) {
      const key = `${space}/${logOf({ twin: of, device })}/${seq}`
      const text = bytesToHex(hash)
      const known = this.#hashes.get(key)
      if (known === undefined) this.#hashes.set(key, text)
      else if (known !== text) this.#world.violate(`twin ${twin} has another entry ${key} than others`)
    }
  }

  #lost(what: string): void {
    this.#world.counts.lost++
    this.#world.violate(what)
  }
}

function logOf({ twin, device }: LogId): string {
  return `${bytesToHex(twin).slice(0, 16)}/${device}`
}
