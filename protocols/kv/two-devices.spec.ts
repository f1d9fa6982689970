import { expect } from 'chai'
import { encode } from '../../crdt/crypto/index.ts'
import { twinToText } from '../../crdt/identity/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { addDevice, exchange, openTwins, type TestReplica } from '../../crdt/spaces/replicas.fixture.ts'
import { Namespaces } from './namespaces.ts'

interface Device {
  readonly replica: TestReplica
  readonly namespaces: Namespaces
}

describe('a namespace on two devices of a twin', () => {
  const devices: Device[] = []
  let home: Device
  let phone: Device
  let ben: Device
  let bensId = ''
  let annsId = ''

  beforeEach(async () => {
    const [ann, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    bensId = twinToText(other.twin)
    annsId = twinToText(ann.twin)
    home = at(ann)
    ben = at(other)
    const second = await addDevice(ann, 2, [ann, other])
    await exchange(ann, second)
    phone = at(second)
  })
  afterEach(async () => {
    for (const { replica, namespaces } of devices.splice(0)) {
      await namespaces.stop()
      await replica.spaces.stop()
    }
  })

  function at(replica: TestReplica): Device {
    const contacts = { resolve: (id: string) => ({ id, name: id, state: 'contact' }), nameOf: (id: string) => id }
    const namespaces = new Namespaces({ me: replica, spaces: replica.spaces, contacts })
    namespaces.start()
    devices.push({ replica, namespaces })
    return devices.at(-1)!
  }

  const put = ({ namespaces }: Device, key: string, value = key) =>
    namespaces.write('house', table => table.put(key, encode(value)))
  const all = () => exchange(...devices.map(({ replica }) => replica))
  /** All is handed over, and nobody asks for anything. */
  const shownAtHome = async (wanted: string) => {
    const space = home.replica.spaces.list().find(({ name }) => name === 'house')!
    const shown = new Promise<void>(resolve => {
      space.on('rows', ({ rows }) => rows.some(({ key }) => key.endsWith(wanted)) && resolve())
    })
    await all()
    await shown
    await all()
  }
  /** What each device shows, when nothing is left to hand over. */
  const expectEverywhere = async (expected: Record<string, string>) => {
    for (const { namespaces } of [home, phone]) await namespaces.read('house')
    await all()
    const own = await Promise.all([home, phone].map(({ namespaces }) => namespaces.read('house')))
    const theirs = await ben.namespaces.read(`${annsId}/house`)
    for (const table of [...own, theirs]) expect(await contentOf(table)).to.deep.equal(toBytes(expected))
  }

  it('stays shared when one writes to it before it knows that there is such a namespace', async () => {
    await all()
    await put(home, 'first')
    await home.namespaces.share('house', bensId)
    await put(phone, 'second')
    await shownAtHome('second')
    await expectEverywhere({ first: 'first', second: 'second' })
    expect(await kindOf(home)).to.equal('shared')
    expect(await kindOf(phone)).to.equal('shared')
  })

  it('has what one wrote to it before it knew that it is shared, without anybody asking for it', async () => {
    await put(home, 'first')
    await all()
    await home.namespaces.share('house', bensId)
    await put(phone, 'second')
    await shownAtHome('second')
    await expectEverywhere({ first: 'first', second: 'second' })
    for (const { replica } of [home, phone])
      expect(await contentOf(keyValue(replica.spaces.self, 'house'))).to.deep.equal({})
  })

  it('shows what was written last, wherever it was written and moved', async () => {
    for (const key of ['older', 'newer']) await put(home, key)
    await all()
    await put(phone, 'newer', 'by the phone')
    await put(phone, 'older', 'by the phone')
    await home.namespaces.share('house', bensId)
    await laterThanNow()
    await put(home, 'older', 'by the home')
    await all()
    await expectEverywhere({ newer: 'by the phone', older: 'by the home' })
  })

  async function kindOf({ namespaces }: Device): Promise<string | undefined> {
    for await (const { name, kind } of namespaces.list()) if (name === 'house') return kind
    return undefined
  }
})

async function contentOf(table: KeyValue): Promise<Record<string, Uint8Array>> {
  const content: Record<string, Uint8Array> = {}
  for await (const { key, value } of table.list()) content[key] = value
  return content
}

function toBytes(content: Record<string, string>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, encode(value)]))
}

/** The clock shows milliseconds. */
async function laterThanNow(): Promise<void> {
  for (const begin = Date.now(); Date.now() <= begin; ) await new Promise(setImmediate)
}
