import { expect } from 'chai'
import { type DocumentKind, keyValueKind } from '../crdt/index.ts'
import { hexToBytes } from '../crdt/log/index.ts'
import { chatKind, chatProtocol } from '../protocols/chat/index.ts'
import {
  type AnyProtocol,
  type ContractJson,
  channelPair,
  checkCompatible,
  contractToJson,
  createClient,
  decodeCbor,
  encodeCbor,
  fromJsonForm,
  type Schema,
  type Service,
  toJsonForm
} from '../protocols/core/index.ts'
import { devicesProtocol } from '../protocols/devices/index.ts'
import { Person } from '../protocols/hello/hello.fixture.ts'
import { helloProtocol } from '../protocols/hello/index.ts'
import { kvProtocol } from '../protocols/kv/index.ts'
import { pairingProtocol } from '../protocols/pairing/index.ts'
import { profileProtocol } from '../protocols/profile/index.ts'
import { type FixtureRelease, type FixtureTwin, meet, World } from '../protocols/twins.fixture.ts'
import { frozenContract, offerAs, readVector } from './frozen-contract.ts'

const first = '1.0'
const grown = [helloProtocol, profileProtocol, chatProtocol, kvProtocol, devicesProtocol, pairingProtocol]
const asFirst = offerAs(first)
const offersFirst: Service['protocol'][] = [chatProtocol, kvProtocol]

/** Knows chat 1.0 and kv 1.0 and counts no blobs */
const firstRelease: FixtureRelease = {
  kinds: [keyValueKind, chatKind].map(withoutBlobs),
  offer: service => (offersFirst.includes(service.protocol) ? asFirst(service) : service)
}

function withoutBlobs(kind: DocumentKind): DocumentKind {
  return {
    ...kind,
    projection: 1,
    project: (doc, document) => {
      const projection = kind.project!(doc, document)
      return (transaction, entry) => [...projection(transaction, entry)].filter(({ key }) => !key.startsWith('/b/'))
    }
  }
}

/** What a client of either release says to the twin's own server. */
const clients = {
  [first]: ({ server }: FixtureTwin) => ({
    chat: createClient(frozenContract(chatProtocol, first), channelPair(server, { class: 'owner' })),
    kv: createClient(frozenContract(kvProtocol, first), channelPair(server, { class: 'owner' }))
  }),
  now: ({ chat, kv }: FixtureTwin) => ({ chat, kv })
}
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    error => error.code as string
  )

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** Asks again a turn later until it answers */
async function answered<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
    await new Promise(setImmediate)
  }
}

/** Which fields an object needs has no order */
function inOrder(contract: ContractJson): unknown {
  return JSON.parse(JSON.stringify(contract, (key, value) => (key === 'required' ? value.toSorted() : value)))
}

describe('bytes of an earlier release', () => {
  for (const protocol of grown) {
    const older = frozenContract(protocol, first)

    it(`are read by ${protocol.name} ${protocol.version} as by 1.0, and 1.0 writes them still`, () => {
      const vectors = Object.entries(readVector(protocol.name, first) as Record<string, string>)
      expect(vectors).not.to.have.length(0)
      for (const [place, hex] of vectors) {
        const [method = '', , field = ''] = place.split('.')
        const value = decodeCbor(hexToBytes(hex))
        const schemaOf = (of: AnyProtocol) =>
          (of.methods[method] as unknown as Record<string, Schema>)[field === 'items' ? 'item' : field]!
        const read = toJsonForm(schemaOf(older), value)
        expect(toJsonForm(schemaOf(protocol), value), place).to.deep.equal(read)
        expect(encodeCbor(fromJsonForm(schemaOf(older), read)), place).to.deep.equal(hexToBytes(hex))
      }
    })

    it(`were described by a contract of ${protocol.name} that reads back from its file, and today's breaks nothing of it`, () => {
      const file = readVector(protocol.name, `contract-${first}`) as ContractJson
      const back = contractToJson(older)
      expect(inOrder(back)).to.deep.equal(inOrder(file))
      expect(checkCompatible(back, contractToJson(protocol))).to.deep.equal([])
    })
  }
})

describe('twins of two releases', function () {
  this.timeout(30_000)

  it('say hello to each other, whoever dials', async () => {
    const [now, before] = [await Person.make(), await Person.make(undefined, 1, asFirst)]
    expect(before.server.protocolIds).to.deep.equal(['/twin/hello/1.0'])
    now.befriend(before)
    before.befriend(now)
    expect(await now.greet(before)).to.include({ class: 'contact', twin: before.id, device: 1 })
    expect(await before.callerOf(now)).to.include({ class: 'contact', twin: now.id, device: 1 })
    const [dialled, dialler] = [await Person.make(), await Person.make(undefined, 1, asFirst)]
    expect(await dialler.greet(dialled)).to.include({ twin: dialled.id, device: 1 })
    expect(await dialled.callerOf(dialler)).to.include({ twin: dialler.id, device: 1 })
    const client = createClient(frozenContract(helloProtocol, first), dialler.channelTo(dialled))
    const { records } = await client.devices({ twin: dialled.twin })
    expect(records).to.deep.equal(dialled.list.since())
    for (const person of [now, before, dialled, dialler]) await person.stop()
  })

  for (const [server, client] of [
    [first, 'now'],
    ['now', first]
  ] as const) {
    it(`understand each other: a client of ${client}, a server of ${server}`, async () => {
      const world = new World()
      const ann = await world.add('Ann', server === first ? firstRelease : {})
      await meet(ann, await world.add('Ben'))
      const { chat, kv } = clients[client](ann)
      const { id } = await chat.send({ who: 'Ben', text: 'Hello' })
      await chat.edit({ who: 'Ben', id, text: 'Hello you' })
      expect(await all(chat.history({ who: 'Ben' }))).to.have.nested.property('[0].text', 'Hello you')
      await kv.put({ key: 'colour', value: 'red' })
      expect((await kv.get({ key: 'colour' })).value).to.equal('red')
      expect(await all(kv.list({}))).to.have.length(1)
      if (client === 'now') {
        const blob = await ann.putFile('garden.txt')
        expect(await codeOf(kv.putBlob({ key: 'photo', blob }))).to.equal('Unimplemented')
      }
      await world.stop()
    })
  }

  it('share conversations and values, both ways, and what one of them does not know does no harm', async () => {
    const world = new World()
    const [now, before] = [await world.add('Ann'), await world.add('Ben', firstRelease)]
    expect(before.server.protocolIds).to.include('/twin/kv/1.0').and.include('/twin/chat/1.0')
    expect(before.server.protocolIds).not.to.include.members([kvProtocol.id, chatProtocol.id])
    await meet(now, before)
    const [ann, ben] = [clients.now(now), clients[first](before)]
    await ann.chat.send({ who: 'Ben', text: 'With a file', attachments: [await now.putFile('garden.txt')] })
    const got = await answered(async () => (await all(ben.chat.history({ who: 'Ann' })))[0])
    expect(got).to.include({ text: 'With a file', from: now.id }).and.not.have.property('attachments')
    await ben.chat.reply({ who: 'Ann', id: got.id, text: 'Thanks' })
    const answer = await answered(async () => (await all(ann.chat.history({ who: 'Ben' })))[1])
    expect(answer).to.include({ text: 'Thanks', from: before.id })
    await ann.kv.share({ namespace: 'house', who: 'Ben' })
    const space = 'Ann/house'
    await answered(() => ben.kv.accept({ name: space }))
    await ann.kv.putBlob({ key: 'photo', blob: await now.putFile('garden.txt'), space: 'house' })
    await ann.kv.put({ key: 'milk', value: 2, space: 'house' })
    expect((await answered(() => ben.kv.get({ key: 'milk', space }))).value).to.equal(2)
    expect(await codeOf(ben.kv.get({ key: 'photo', space }))).to.equal('FailedPrecondition')
    await ben.kv.put({ key: 'bread', value: 1, space })
    expect((await answered(() => ann.kv.get({ key: 'bread', space: 'house' }))).value).to.equal(1)
    await world.stop()
  })
})
