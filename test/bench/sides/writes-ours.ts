import { createBootstrap } from '../../../bootstrap/index.ts'
import { type Change, type KeyValue, keyValue, type Space } from '../../../crdt/index.ts'
import type { Twin } from '../../../node/index.ts'
import { idToKey } from '../../../node/mesh/peer-keys.ts'
import { contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import { kvProtocol } from '../../../protocols/kv/protocol.ts'
import { acceptNamespace, addContact, inviteLink, shareWithContact, startBenchTwin } from '../bench-twin.ts'
import { keyFor, nowNs, quiet, valueFor } from '../entries.ts'
import { memory } from '../memory.ts'
import type { CaughtUp } from '../milestone.ts'
import { serveSide } from '../side.ts'
import { countWireBytes, wireBytes } from '../wire-bytes.ts'

/** Two whole twins, contacts of each other, with one shared namespace: what a user has. */
countWireBytes()
let twin: Twin
let dir: string
let table: KeyValue
let arrivedNs = new Map<number, bigint>()
let onArrival = () => {}

serveSide({
  open: ({ dir: folder }: { dir: string }) => {
    dir = folder
  },
  /** B is there first, invites, and is told how the offer is called. */
  listen: async () => {
    const meetingPoint = await createBootstrap({ home: `${dir}-meeting-point`, port: 0, host: '127.0.0.1' })
    const address = meetingPoint.addresses().find(text => /\/tcp\/\d+\/p2p\//.test(text))!
    twin = await startBenchTwin(dir, [address])
    return JSON.stringify({ address, link: await inviteLink(twin) })
  },
  connect: async (text: string) => {
    await befriend(text)
    await twin.client(kvProtocol).put({ key: 'first', value: 0, space: 'bench' })
    await shareWithContact(twin, 'bench')
    table = sharedTable()
  },
  accept: async () => {
    const contacts = twin.client(contactsProtocol)
    for await (const { id } of contacts.list({})) await contacts.rename({ who: id, name: 'Other' })
    await acceptNamespace(twin, 'bench')
    table = sharedTable()
    void watch()
  },
  befriend,
  /** Many entries in batches, before the other has accepted. */
  fill,
  /** Many entries in a space whose log was compacted before the other was invited; how many of the log are gone. */
  compacted: async (count: number) => {
    const space = await twin.spaces.create({ kind: 'shared', name: 'bench', members: [] })
    table = keyValue(space, 'default')
    await fill(count)
    const { dropped } = await space.compact()
    for await (const { id } of twin.client(contactsProtocol).list({})) await twin.spaces.addMember(space, idToKey(id))
    return dropped
  },
  /** From accepting the offer until every entry is on this disk. */
  cold: async (count: number) => {
    const space = await offered()
    let seen = 0
    const all = new Promise<bigint>(resolve => {
      space.on('rows', ({ rows }) => {
        for (const { key } of rows) if (key.includes('item/')) seen++
        if (seen >= count) resolve(nowNs())
      })
    })
    const begin = nowNs()
    await twin.spaces.accept(space.id)
    return Number((await all) - begin) / 1e9
  },
  /** From accepting the offer until everything that is gone from the log is on this disk. */
  catchUp: async ({ count, dropped }: { count: number; dropped: number }): Promise<CaughtUp> => {
    const space = await offered()
    memory.begin()
    const begin = nowNs()
    const isThere = new Promise<bigint>(resolve => {
      const look = () => {
        const [head] = twin.spaces.replica.space(space.id)?.frontier() ?? []
        if ((head?.[2] ?? 0) >= dropped) resolve(nowNs())
      }
      twin.spaces.replica.on('durable', look)
    })
    await twin.spaces.accept(space.id)
    const seconds = Number((await isThere) - begin) / 1e9
    const growth = memory.end()
    for (const n of [0, count >> 1, count - 1]) {
      if ((await keyValue(space, 'default').get(keyFor(n))) === undefined) throw new Error(`Entry ${n} is missing`)
    }
    return { seconds, growth }
  },
  bytes: () => wireBytes(),
  write: async (n: number) => {
    const begin = nowNs()
    await table.put(keyFor(n), valueFor(n))
    await quiet()
    return begin
  },
  burst: async ({ from, count, inFlight }: { from: number; count: number; inFlight: number }) => {
    const begin = nowNs()
    let next = from
    const worker = async () => {
      while (next < from + count) {
        const n = next++
        await table.put(keyFor(n), valueFor(n))
      }
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
    return { begin, end: nowNs() }
  },
  arrival: async (n: number) => {
    while (!arrivedNs.has(n)) await nextArrival()
    return arrivedNs.get(n)
  },
  all: async (count: number) => {
    while (arrivedNs.size < count) await nextArrival()
    return [...arrivedNs.values()].reduce((last, at) => (at > last ? at : last), 0n)
  },
  forget: () => {
    arrivedNs = new Map()
  },
  close: () => twin.stop()
})

async function befriend(text: string): Promise<void> {
  const { address, link } = JSON.parse(text) as { address: string; link: string }
  twin = await startBenchTwin(dir, [address])
  await addContact(twin, link)
}

async function fill(count: number): Promise<void> {
  const size = 512
  let next = 0
  const worker = async () => {
    while (next < count) {
      const from = next
      next += size
      const length = Math.min(size, count - from)
      const ops = Array.from({ length }, (_, i) => ({
        type: 'put' as const,
        key: keyFor(from + i),
        value: valueFor(from + i)
      }))
      await table.batch(ops)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

function offered(): Promise<Space> {
  return new Promise(resolve => {
    const look = () => {
      const found = twin.spaces.list().find(({ kind }) => kind === 'shared')
      if (found !== undefined) resolve(found)
    }
    twin.spaces.on('offer', look)
    look()
  })
}

function sharedTable(): KeyValue {
  return keyValue(twin.spaces.list().find(space => space.kind === 'shared')!, 'default')
}

/** Changes are told when they are on the disk. */
async function watch(): Promise<void> {
  for await (const { type, key } of table.watch() as AsyncIterable<Change>) {
    const n = Number(key.slice(key.indexOf('/') + 1))
    if (type !== 'put' || Number.isNaN(n)) continue
    arrivedNs.set(n, nowNs())
    onArrival()
  }
}

function nextArrival(): Promise<void> {
  return new Promise(resolve => {
    onArrival = resolve
  })
}
