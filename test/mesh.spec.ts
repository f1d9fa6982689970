import { expect } from 'chai'
import { becomeContacts, inParallel, MeshProcesses } from './harness/mesh.ts'
import type { TwinProcess } from './harness/twin.ts'

const twinCount = 12
interface Contact {
  readonly id: string
  readonly name: string
  readonly state: string
}

interface Message {
  readonly id: string
  readonly from: string
  readonly text: string
  readonly state: string
}

interface Found {
  readonly id: string
  readonly devices: readonly { readonly device: string; readonly addresses: readonly string[] }[]
}

/** `saved` is the sender's own disk; every later rung says that the receiver has it. */
const arrived = ['their-twin', 'opened']

describe('mesh of processes', function () {
  this.timeout(180_000)
  let mesh: MeshProcesses
  let twins: TwinProcess[]

  before('two bootstrap nodes and twelve twins start, none told another twin’s address', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    await mesh.addBootstrap()
    twins = await mesh.addTwins(twinCount)
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  it('every twin has its own id, device and address', () => {
    expect(new Set(twins.map(twin => twin.id)).size).equal(twinCount)
    expect(new Set(twins.map(twin => twin.started!.device)).size).equal(twinCount)
    for (const twin of twins) expect(twin.started!.addresses.join(' ')).include('/ip4/127.0.0.1/tcp/')
  })

  it('any twin finds any other by its id alone', async () => {
    await expectFound(pairsAtDistance(twins, [1, 3, 6]))
  })

  it('two become contacts by an invite link and both see it', async () => {
    const [ada, bea] = [twins[0]!, twins[1]!]
    await becomeContacts(ada, bea)
    expect((await ada.list<Contact>('contacts', 'list')).map(({ id }) => id)).deep.equal([bea.id])
    expect((await bea.list<Contact>('contacts', 'list')).map(({ id }) => id)).deep.equal([ada.id])
  })

  it('chat goes both ways, each message once, and the sender sees it arrive', async () => {
    const [ada, bea] = [twins[0]!, twins[1]!]
    const sent = [
      ...(await sendAll(ada, bea, ['one', 'two', 'three'])),
      ...(await sendAll(bea, ada, ['four', 'five', 'six']))
    ]
    for (const [me, other] of [
      [ada, bea],
      [bea, ada]
    ] as const) {
      const seen = await me.eventually<Message>(['chat', 'history', other.id], lines => lines.length >= sent.length)
      expect(seen.map(({ id }) => id)).have.members(sent)
    }
    for (const [me, other] of [
      [ada, bea],
      [bea, ada]
    ] as const) {
      await me.eventually<Message>(['chat', 'history', other.id], lines =>
        lines.every(line => arrived.includes(line.state))
      )
    }
  })

  it('a shared namespace converges on both sides', async () => {
    const [ada, bea] = [twins[0]!, twins[1]!]
    await ada.object('kv', 'put', 'colour', 'red', '--space', 'house')
    await ada.object('kv', 'share', 'house', bea.id)
    const name = await nameOf(bea, ada)
    const there = `${name}/house`
    await bea.eventually<{ name: string }>(['kv', 'offers'], lines => lines.some(line => line.name === there))
    await bea.object('kv', 'accept', there)
    await bea.eventually<{ key: string; value: unknown }>(
      ['kv', 'list', '--space', there],
      lines => lines.length === 1 && lines[0]!.value === 'red'
    )
    await bea.object('kv', 'put', 'shape', 'round', '--space', there)
    await Promise.all([
      ada.object('kv', 'put', 'size', 'small', '--space', 'house'),
      bea.object('kv', 'put', 'size', 'large', '--space', there)
    ])
    const seen = (lines: { key: string }[]) => lines.length === 3
    const list = async (twin: TwinProcess, space: string) =>
      (await twin.eventually<{ key: string; value: unknown; version: string }>(['kv', 'list', '--space', space], seen))
        .map(({ key, value, version }) => `${key}=${String(value)}@${version}`)
        .join(' ')
    let [ours, theirs] = [await list(ada, 'house'), await list(bea, there)]
    // Which size stands is not known before both have heard of both
    while (ours !== theirs) [ours, theirs] = [await list(ada, 'house'), await list(bea, there)]
    expect(ours.split(' ').map(entry => entry.split('=')[0])).deep.equal(['colour', 'shape', 'size'])
  })

  it('what was acknowledged survives SIGKILL on the receiver and on the sender', async () => {
    const [cleo, dora] = [twins[2]!, twins[3]!]
    await becomeContacts(cleo, dora)
    const before = await sendAll(cleo, dora, ['before'])
    await dora.eventually<Message>(['chat', 'history', cleo.id], lines => lines.length === 1)
    await dora.stop('SIGKILL')
    const during = await sendAll(cleo, dora, ['while you were gone', 'and another'])
    await cleo.stop('SIGKILL')
    await Promise.all([cleo.start(), dora.start()])
    const after = await sendAll(dora, cleo, ['back'])
    const all = [...before, ...during, ...after]
    for (const [me, other] of [
      [cleo, dora],
      [dora, cleo]
    ] as const) {
      const seen = await me.eventually<Message>(
        ['chat', 'history', other.id],
        lines => lines.length >= all.length,
        120_000
      )
      expect(seen.map(({ id }) => id)).have.members(all)
    }
  })

  it('messages to a twin that is off wait as saved and arrive once, in order, when it is on', async () => {
    const [emma, fred] = [twins[4]!, twins[5]!]
    await becomeContacts(emma, fred)
    await sendAll(emma, fred, ['first'])
    await emma.eventually<Message>(['chat', 'history', fred.id], lines =>
      lines.every(line => arrived.includes(line.state))
    )
    await fred.stop()
    const texts = ['alpha', 'beta', 'gamma']
    await sendAll(emma, fred, texts)
    const waiting = await emma.list<Message>('chat', 'history', fred.id)
    expect(waiting.slice(1).map(({ state }) => state)).deep.equal(['saved', 'saved', 'saved'])
    await fred.start()
    const seen = await fred.eventually<Message>(['chat', 'history', emma.id], lines => lines.length >= 4, 120_000)
    expect(seen.map(({ text }) => text)).deep.equal(['first', ...texts])
    await emma.eventually<Message>(['chat', 'history', fred.id], lines => lines.every(line => line.state === 'opened'))
  })

  it('twins still find each other after both bootstrap nodes were killed', async () => {
    await Promise.all(mesh.bootstraps.map(({ program }) => program.stop('SIGKILL')))
    await expectFound(pairsAtDistance(twins, [2, 5]))
    await becomeContacts(twins[6]!, twins[11]!)
    const [id] = await sendAll(twins[6]!, twins[11]!, ['nobody in the middle'])
    const seen = await twins[11]!.eventually<Message>(['chat', 'history', twins[6]!.id], lines => lines.length > 0)
    expect(seen.map(message => message.id)).deep.equal([id])
  })
})

/** Every twin looks up others by id. How long that takes is what the bench `find` says. */
async function expectFound(pairs: readonly (readonly [TwinProcess, TwinProcess])[]): Promise<void> {
  await inParallel(pairs, 2, async ([from, to]) => {
    const found = await from.object<Found>('find', to.id)
    expect(found.id).equal(to.id)
    expect(found.devices.map(({ device }) => device)).include(to.started!.device)
    expect(found.devices.flatMap(({ addresses }) => addresses).join(' ')).include(tcpPort(to))
  })
}

function pairsAtDistance(twins: readonly TwinProcess[], distances: readonly number[]): [TwinProcess, TwinProcess][] {
  return distances.flatMap(distance =>
    twins.map((twin, i): [TwinProcess, TwinProcess] => [twin, twins[(i + distance) % twins.length]!])
  )
}

function tcpPort(twin: TwinProcess): string {
  const address = twin.started!.addresses.find(text => text.includes('/ip4/127.0.0.1/tcp/') && !text.includes('/ws'))
  return /\/tcp\/\d+/.exec(address ?? '')?.[0] ?? 'no address'
}

async function nameOf(me: TwinProcess, other: TwinProcess): Promise<string> {
  const contacts = await me.list<Contact>('contacts', 'list')
  const contact = contacts.find(({ id }) => id === other.id)
  return contact === undefined || contact.name === '' ? other.id : contact.name
}

async function sendAll(from: TwinProcess, to: TwinProcess, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const text of texts) ids.push((await from.object<{ id: string }>('chat', 'send', to.id, text)).id)
  return ids
}
