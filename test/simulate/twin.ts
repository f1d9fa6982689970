import {
  type Crypto,
  createSpaces,
  DeviceDirectory,
  keyValueKind,
  type Space,
  type SpaceLogger,
  type Spaces
} from '../../crdt/index.ts'
import { bytesToHex } from '../../crdt/log/index.ts'
import { textKind } from '../../crdt/spaces/replicas.fixture.ts'
import { WrongClock } from './clock.ts'
import { Disk, DiskError } from './disk.ts'
import type { Floors } from './floors.ts'
import type { Identity } from './identity.ts'
import { lineKind } from './line-kind.ts'
import type { Random } from './random.ts'
import { SimulatedLevel } from './simulated-level.ts'
import { type Vouched, watchedCrypto } from './watched-crypto.ts'
import type { World } from './world.ts'

/** From a start to a crash or stop. */
export interface Life {
  readonly level: SimulatedLevel
  spaces: Spaces | undefined
  isDead: boolean
  isStopping: boolean
}

export interface TwinInit {
  readonly world: World
  readonly index: number
  readonly identity: Identity
  /** Device lists of all twins, which outlive a crash */
  readonly lists: ReadonlyMap<string, readonly Uint8Array[]>
  readonly floors: Floors
  readonly onUp: (twin: Twin) => void
  readonly onDown: (twin: Twin) => void
}

/** A twin: a device with its keys and its disk, and the real spaces while it is alive. */
export class Twin {
  readonly index: number
  readonly identity: Identity
  readonly disk: Disk
  readonly clock: WrongClock
  readonly random: Random
  /** Whether spaces that are offered are opened without asking */
  readonly isTrusting: boolean
  readonly #init: TwinInit
  readonly #crypto: Crypto
  readonly #vouched: Vouched = new Map()
  #life: Life | undefined
  #lastDeferred = 0

  constructor(init: TwinInit) {
    const { world, index, identity } = init
    const { time, counts } = world
    this.#init = init
    this.index = index
    this.identity = identity
    this.random = world.random.fork()
    this.isTrusting = this.random.chance(0.6)
    this.disk = new Disk({ time, random: this.random.fork(), counts, isSynced: world.options.disksSync })
    this.clock = new WrongClock(time, this.random.fork())
    this.#crypto = watchedCrypto(world.crypto, {
      twin: identity.twin,
      vouched: this.#vouched,
      violate: what => world.violate(`twin ${index}: ${what}`)
    })
  }

  /** The spaces, while it is up. */
  get spaces(): Spaces | undefined {
    return this.#life?.isStopping === false ? this.#life.spaces : undefined
  }

  get life(): Life | undefined {
    return this.#life
  }

  get isDown(): boolean {
    return this.#life === undefined
  }

  space(text: string): Space | undefined {
    return this.spaces?.list().find(space => space.text === text)
  }

  /** Starts; when the disk does not allow it, tries again later. */
  async start(): Promise<void> {
    if (this.#life !== undefined) return
    const { world, floors, onUp } = this.#init
    const { time, counts } = world
    const level = new SimulatedLevel({ disk: this.disk, time, random: this.random.fork() })
    const life: Life = { level, spaces: undefined, isDead: false, isStopping: false }
    this.#life = life
    world.log.add(time.now, `${this.index} starts`)
    try {
      const spaces = await createSpaces(await this.#spacesInit(life))
      if (life.isDead) return
      floors.checkStart(this.index, spaces)
      floors.watch(this.index, spaces, () => !life.isDead)
      this.#watch(life, spaces)
      await spaces.start()
      if (life.isDead) return
      life.spaces = spaces
      counts.restarts++
      world.log.add(time.now, `${this.index} is up`)
      onUp(this)
    } catch (cause) {
      if (life.isDead) return
      if (!isOfDisk(cause)) world.violate(`twin ${this.index} does not start: ${describe(cause)}`)
      this.#end(life)
      time.after(this.random.between(20, 200), () => void this.start())
    }
  }

  /** The process is gone; the disk keeps what was synced. */
  crash(): void {
    const life = this.#life
    if (life === undefined) return
    const { counts, log, time } = this.#init.world
    counts.crashes++
    if (life.spaces === undefined) counts.crashesWhileStarting++
    log.add(time.now, `${this.index} crashes`)
    this.#end(life)
  }

  /** An orderly end. */
  async stop(): Promise<void> {
    const life = this.#life
    if (life?.spaces === undefined || life.isStopping) return
    const { counts, log, time } = this.#init.world
    counts.stops++
    log.add(time.now, `${this.index} stops`)
    life.isStopping = true
    this.#init.onDown(this)
    await life.spaces.stop()
    if (life.isDead) return
    await life.level.close()
    if (!life.isDead) this.#end(life)
  }

  #end(life: Life): void {
    life.isDead = true
    life.level.kill()
    this.disk.crash()
    this.#life = undefined
    this.#init.onDown(this)
  }

  async #spacesInit(life: Life) {
    const { identity, lists } = this.#init
    const { keys, twin, recovery } = identity
    const stored = new Map(lists)
    const directory = new DeviceDirectory({
      crypto: this.#crypto,
      store: {
        get: of => stored.get(bytesToHex(of)),
        put: (of, envelopes) => void stored.set(bytesToHex(of), envelopes)
      }
    })
    return {
      me: { twin, device: 1, signer: keys.signing, unsealer: keys.encryption, recovery },
      db: life.level,
      crypto: this.#crypto,
      directory,
      kinds: [textKind, lineKind, keyValueKind],
      clock: () => this.clock.now(),
      log: this.#logger(life),
      mayOffer: () => true,
      autoAccept: () => this.isTrusting,
      defer: (run: () => void) => this.#defer(life, run)
    }
  }

  /** Turns come in order, sometimes late: the process has other things to do. */
  #defer(life: Life, run: () => void): void {
    const { time } = this.#init.world
    const late = this.random.chance(0.05) ? this.random.between(0, 8) : 0.01
    this.#lastDeferred = Math.max(this.#lastDeferred, time.now + late)
    time.after(this.#lastDeferred - time.now, () => {
      if (!life.isDead) run()
    })
  }

  /** The owner agrees to what was offered, and asks again when the disk did not allow it. */
  acceptAll(): void {
    const { life, spaces } = this
    for (const space of spaces?.list() ?? []) {
      if (life === undefined || spaces === undefined || space.state !== 'offered') continue
      spaces.accept(space.id).catch(cause => {
        if (!life.isDead) this.expectDisk(cause, 'a space cannot be accepted')
      })
    }
  }

  #watch(life: Life, spaces: Spaces): void {
    const { world } = this.#init
    const acceptLater = () => world.time.after(this.random.between(1, 400), () => this.acceptAll())
    spaces.on('offer', acceptLater)
    acceptLater()
    spaces.on('fork', ({ space }) => world.violate(`twin ${this.index}: a log of ${space.name} was forked`))
    spaces.on('fence', ({ cause }) => {
      if (life.isDead) return
      world.counts.fences++
      world.log.add(world.time.now, `${this.index} is fenced`)
      this.expectDisk(cause, 'fenced')
    })
  }

  /** Anything but a failing disk is a fault of the code. */
  expectDisk(cause: unknown, what: string): void {
    if (!isOfDisk(cause)) this.#init.world.violate(`twin ${this.index}: ${what}: ${describe(cause)}`)
  }

  #logger(life: Life): SpaceLogger {
    const note = (message: string, ...details: unknown[]) => {
      if (life.isDead || details.some(isOfDisk)) return
      this.#init.world.violate(`twin ${this.index}: ${message}: ${details.map(describe).join()}`)
    }
    return { debug() {}, info() {}, warn: note, error: note }
  }
}

/** Whether a failing disk is the reason, at whatever depth. */
export function isOfDisk(cause: unknown): boolean {
  for (let at = cause, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    if (at instanceof DiskError) return true
    if (at.name === 'StoreError' && (at as Error & { code?: string }).code === 'failed' && at.cause === undefined)
      return true
    if ((at as Error & { code?: string }).code === 'stopped') return true
  }
  return false
}

export function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause === undefined ? '' : ` (${describe(cause.cause)})`
  return `${cause.stack ?? cause.message}${inner}`
}
