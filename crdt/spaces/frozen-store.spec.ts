import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Crypto } from '../crypto/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { type FixedTwin, fixedTwin, otherPhrase, phrase } from '../identity/identity.fixture.ts'
import { DeviceDirectory } from '../identity/index.ts'
import { keyValue, keyValueKind } from '../key-value/index.ts'
import { bytesToHex, hexToBytes } from '../log/index.ts'
import { createSpaces } from './local-spaces.ts'
import {
  crypto,
  diaryKind,
  exchange,
  memoryDatabase,
  readText,
  type TestReplica,
  text,
  textKind
} from './replicas.fixture.ts'

type Rows = Record<string, string>

/** Random bytes that are the same on every run, so that ids of spaces are too. */
function steadyCrypto(seed: number): Crypto {
  let count = 0
  const randomBytes = (length: number) => {
    count++
    return Uint8Array.from({ length }, (_, index) => (seed * 31 + count * 7 + index) & 255)
  }
  return new Proxy(crypto, {
    get: (target, name) => {
      const value: unknown = name === 'randomBytes' ? randomBytes : Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

async function openReplica(me: FixedTwin, other: FixedTwin, rows: Rows = {}): Promise<TestReplica> {
  const db = memoryDatabase()
  await db.open()
  for (const [key, value] of Object.entries(rows)) await db.put(key, hexToBytes(value))
  const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
  for (const { twin, list } of [me, other]) await directory.receive(twin, list.all())
  const { twin, first, recovery, list } = me
  const init: TestReplica['init'] = {
    me: { twin, device: 1, signer: first.signing, unsealer: first.encryption, recovery: recovery.publicKey },
    crypto: steadyCrypto(twin[0]!),
    directory,
    kinds: [textKind, diaryKind, keyValueKind],
    mayOffer: () => true,
    autoAccept: () => true,
    db
  }
  const spaces = await createSpaces(init)
  await spaces.start()
  return { twin, owner: me.owner, records: list.all(), init, db, spaces }
}

/** A twin with values of its own, a conversation and a shared space, of which the other one wrote a part. */
async function writeStore(): Promise<Rows> {
  const [john, marie] = [await fixedTwin(crypto, phrase), await fixedTwin(crypto, otherPhrase)]
  const [home, far] = [await openReplica(john, marie), await openReplica(marie, john)]
  await keyValue(home.spaces.self, 'notes').put('colour', text('green'))
  const shared = await home.spaces.create({ kind: 'shared', name: 'House', members: [marie.twin] })
  await exchange(home, far)
  await keyValue(shared, 'list').put('milk', text('2'), { kind: 'json' })
  await exchange(home, far)
  await keyValue(far.spaces.get(shared.id)!, 'list').put('bread', text('1'), { kind: 'json' })
  await exchange(home, far)
  await home.spaces.stop()
  await far.spaces.stop()
  await home.db.open()
  const rows: Rows = {}
  for await (const [key, value] of home.db.iterator()) rows[key] = bytesToHex(value)
  return rows
}

async function readFrozen(): Promise<Rows> {
  const present = await readFile('crdt/vectors/store.json', 'utf8').catch(() => undefined)
  return (present === undefined ? (await frozen('store', await writeStore())).frozen : JSON.parse(present)) as Rows
}

describe('a store that was frozen', () => {
  it('has the keys that a store has now', async () => {
    expect(Object.keys(await writeStore())).to.deep.equal(Object.keys(await readFrozen()))
  })

  it('opens, gives what was written, and takes more', async () => {
    const [john, marie] = [await fixedTwin(crypto, phrase), await fixedTwin(crypto, otherPhrase)]
    const { spaces } = await openReplica(john, marie, await readFrozen())
    const notes = keyValue(spaces.self, 'notes')
    expect(readText((await notes.get('colour'))?.value)).to.equal('green')
    const shared = spaces.list().find(({ kind }) => kind === 'shared')!
    expect(shared).to.include({ name: 'House', state: 'open' })
    const list = keyValue(shared, 'list')
    const milk = await list.get('milk')
    expect(milk).to.deep.include({ kind: 'json', value: text('2'), by: { twin: john.twin, device: 1 } })
    expect((await list.get('bread'))?.by.twin).to.deep.equal(marie.twin)
    // The document is loaded from the frozen log, not from the index alone
    await list.put('milk', text('3'), { kind: 'json', expected: milk!.version })
    expect(readText((await list.get('milk'))?.value)).to.equal('3')
    await spaces.stop()
  })

  it('is read from its runs by a twin that has none of it', async () => {
    const [john, marie] = [await fixedTwin(crypto, phrase), await fixedTwin(crypto, otherPhrase)]
    const [home, far] = [await openReplica(john, marie, await readFrozen()), await openReplica(marie, john)]
    await exchange(home, far)
    const list = keyValue(far.spaces.list().find(({ kind }) => kind === 'shared')!, 'list')
    expect(readText((await list.get('milk'))?.value)).to.equal('2')
    expect(readText((await list.get('bread'))?.value)).to.equal('1')
    await home.spaces.stop()
    await far.spaces.stop()
  })
})
