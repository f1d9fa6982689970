import { twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import type { KeyValue } from '../../crdt/key-value/index.ts'
import { addDevice, exchange, openTwins, reopen, type TestReplica } from '../../crdt/spaces/replicas.fixture.ts'
import { Namespaces } from './namespaces.ts'

const contacts = { resolve: (id: string) => ({ id, name: id, state: 'contact' }), nameOf: (id: string) => id }

/** A device and the namespace `house` of its twin, or another's. */
export class Device {
  replica: TestReplica
  namespaces: Namespaces

  constructor(replica: TestReplica) {
    this.replica = replica
    this.namespaces = open(replica)
  }

  get spaces(): Spaces {
    return this.replica.spaces
  }

  get id(): string {
    return twinToText(this.replica.twin)
  }

  put(key: string, value = key, place = 'house'): Promise<unknown> {
    return this.namespaces.write(place, table => table.put(key, new TextEncoder().encode(value)))
  }

  delete(key: string, place = 'house'): Promise<boolean> {
    return this.namespaces.write(place, table => table.delete(key))
  }

  share(person: Device): Promise<unknown> {
    return this.namespaces.share('house', person.id)
  }

  async content(place = 'house'): Promise<Record<string, string>> {
    return await contentOf(await this.namespaces.read(place))
  }

  async list(): Promise<{ name: string; kind: string; members: string[] }[]> {
    const listed = []
    for await (const { name, kind, members } of this.namespaces.list()) {
      if (name !== 'default') listed.push({ name, kind, members: members.map(({ id }) => id).sort() })
    }
    return listed
  }

  async restart(): Promise<void> {
    await this.namespaces.stop()
    this.replica = await reopen(this.replica)
    this.namespaces = open(this.replica)
  }
}

/** A twin with two devices, and people it shares with; nothing is handed over unasked. */
export class Household {
  readonly home: Device
  readonly phone: Device
  readonly people: readonly Device[]

  private constructor(home: TestReplica, phone: TestReplica, people: readonly TestReplica[]) {
    this.home = new Device(home)
    this.phone = new Device(phone)
    this.people = people.map(replica => new Device(replica))
  }

  static async make(people: number): Promise<Household> {
    const [ann, ...others] = (await openTwins(people + 1)) as [TestReplica, ...TestReplica[]]
    const phone = await addDevice(ann, 2, [ann, ...others])
    await exchange(ann, phone)
    return new Household(ann, phone, others)
  }

  get all(): Device[] {
    return [this.home, this.phone, ...this.people]
  }

  async stop(): Promise<void> {
    for (const { namespaces, spaces } of this.all) {
      await namespaces.stop()
      await spaces.stop()
    }
  }

  /** Hands over what there is between some, by default all, until nothing more comes of it. */
  async meet(...devices: readonly Device[]): Promise<void> {
    const met = devices.length === 0 ? this.all : devices
    const state = () => JSON.stringify(met.map(({ spaces }) => spaces.list().map(space => headsOf(spaces, space))))
    for (let before = ''; before !== state(); ) {
      before = state()
      await exchange(...met.map(({ replica }) => replica))
      for (const { namespaces } of met) await namespaces.settled()
    }
  }
}

export async function contentOf(table: KeyValue): Promise<Record<string, string>> {
  const content: Record<string, string> = {}
  for await (const { key, value } of table.list()) content[key] = new TextDecoder().decode(value)
  return content
}

/** The clock shows milliseconds. */
export async function laterThanNow(): Promise<void> {
  for (const begin = Date.now(); Date.now() <= begin; ) await new Promise(setImmediate)
}

function open(replica: TestReplica): Namespaces {
  const namespaces = new Namespaces({ me: replica, spaces: replica.spaces, contacts }, { offerMs: 300 })
  namespaces.start()
  return namespaces
}

function headsOf(spaces: Spaces, { id, state }: Space): unknown {
  const info = spaces.replica.space(id)
  return [state, info?.mhead[1], info?.frontier().map(([twin, device, seq]) => [twinToText(twin), device, seq])]
}
