import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Program } from '../harness/program.ts'
import { type Found, hitsOf, type Needle, needlesOf, searchBytes, searchFolder, searchMemory } from '../harness/scan.ts'
import { projectRoot } from '../project.ts'
import { NotRun, nothing, type Rig, type RigFigure, something } from './rig.ts'
import { SecretWorld } from './secret-world.ts'

/** Less than this is not the memory of a running node: the search did not reach it. */
const leastMemory = 10_000_000
const letters = 'abcdefghijklmnopqrstuvwxyz'

/**
 * What relay, mailbox and a member without keys can see of what is said and written: the wire, their disks and their memory are
 * searched for a word that stands in all of it, in every encoding of `needlesOf`. The same search finds it at the receiver, finds
 * in the searched processes what they do know, and finds each encoding in a process that holds them all.
 */
export const ciphertext: Rig = async ({ rounds, control, log }) => {
  if (process.platform !== 'linux') throw new NotRun('needs Linux, where a process reads the memory of its children')
  const [secret, known] = [word(), word()]
  const needles = needlesOf(secret)
  const figures: RigFigure[] = []
  const world = await SecretWorld.create({ secret, known, role: control === 'reader' ? 'reader' : 'replica' })
  const isCaptured = world.notCaptured === undefined
  try {
    const middle = new Watched('relay and mailbox', world.middle)
    const keeper = new Watched('replica', world.keeper)
    const look = () => {
      for (const watched of [middle, keeper]) watched.search(needles)
    }
    let relayed = 0
    for (let round = 1; round <= rounds; round++) {
      await world.write(`live-${round}`)
      if (await world.isRelayed()) relayed++
      look()
      await world.whileAway(async () => {
        await world.write(`parked-${round}`)
        look()
      })
      await world.isRead(`parked-${round}`)
      look()
      log(`round ${round} of ${rounds}: hits ${middle.hits + keeper.hits}`)
    }
    figures.push(...(await findEncodings(world.inFolder('held'), secret, needles)))
    const receiver = new Watched('receiver', world.receiver)
    receiver.search(needles)
    figures.push(
      something('control: in the memory of the receiver', receiver.inMemory),
      something('control: on the disk of the receiver', receiver.onDisk),
      something('control: what the mailbox knows, in its memory', knownTo(world.middle.pid, '/twin/')),
      something('control: what the replica knows, in its memory', knownTo(world.keeper.pid, known))
    )
    if (isCaptured) {
      const wire = await readFile(world.capture)
      figures.push(
        something('control: begin of connections on the wire', hitsOf(searchBytes(wire, needlesOf('/noise')))),
        something('rounds in which what was said came through the relay', relayed),
        { name: 'searched on the wire', value: wire.length / 1e6, unit: 'MB' },
        nothing('hits on the wire', hitsOf(searchBytes(wire, needles)))
      )
    }
    for (const watched of [middle, keeper]) figures.push(...watched.figures())
  } finally {
    await world.stop()
  }
  return { rig: 'ciphertext', seed: 0, figures, notRun: isCaptured ? [] : [world.notCaptured!] }
}

/** A process that has to know nothing, and all that was found in it. */
class Watched {
  inMemory = 0
  onDisk = 0
  readonly #name: string
  readonly #of: { readonly pid: number; readonly home: string }
  #memory = 0
  #disk = 0
  #smallest = Number.POSITIVE_INFINITY
  readonly #encodings = new Set<string>()

  constructor(name: string, of: { readonly pid: number; readonly home: string }) {
    this.#name = name
    this.#of = of
  }

  get hits(): number {
    return this.inMemory + this.onDisk
  }

  search(needles: readonly Needle[]): void {
    const memory = searchMemory(this.#of.pid, needles)
    const disk = searchFolder(this.#of.home, needles)
    this.inMemory += hitsOf(memory)
    this.onDisk += hitsOf(disk)
    this.#memory += memory.bytes
    this.#disk += disk.bytes
    this.#smallest = Math.min(this.#smallest, memory.bytes)
    for (const [encoding, hits] of [...memory.hits, ...disk.hits]) if (hits > 0) this.#encodings.add(encoding)
  }

  figures(): RigFigure[] {
    return [
      { name: `searched in memory, ${this.#name}`, value: this.#memory / 1e6, unit: 'MB', ...this.#tooLittle() },
      nothing(`hits in memory, ${this.#name}`, this.inMemory),
      { name: `searched on disk, ${this.#name}`, value: this.#disk / 1e6, unit: 'MB' },
      nothing(`hits on disk, ${this.#name}`, this.onDisk),
      ...Array.from(this.#encodings, encoding => ({ name: `found in ${this.#name} as`, value: encoding }))
    ]
  }

  #tooLittle(): { wrong?: string } {
    return this.#smallest < leastMemory ? { wrong: 'has to be all that a running node has' } : {}
  }
}

/** A process and a file that hold every encoding: the search has to find each of them, in both. */
async function findEncodings(file: string, secret: string, needles: readonly Needle[]): Promise<RigFigure[]> {
  const holder = new Program(join(projectRoot, 'dist/test/harness/hold-text.js'), { args: [file], isTyped: true })
  try {
    holder.write(`${[...secret].reverse().join('')}\n`)
    await holder.waitForJson()
    const missing = (found: Found) => [...found.hits.values()].filter(hits => hits === 0).length
    return [
      { name: 'encodings that are searched for', value: needles.length },
      nothing('encodings not found in a process that holds them', missing(searchMemory(holder.pid, needles))),
      nothing('encodings not found in a file that holds them', missing(searchBytes(await readFile(file), needles)))
    ]
  } finally {
    await holder.stop('SIGKILL')
  }
}

function knownTo(pid: number, text: string): number {
  return hitsOf(searchMemory(pid, needlesOf(text)))
}

/** A word that stands in no source, no compiled code and no earlier run. */
function word(): string {
  return Array.from({ length: 20 }, () => letters[Math.floor(Math.random() * letters.length)]).join('')
}
