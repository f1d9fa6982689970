import { expect } from 'chai'
import { type KeyValue, keyValue } from '../../crdt/index.ts'
import { silentLogger } from '../core/index.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import { type FixtureTwin, meet, World } from '../twins.fixture.ts'
import { Conversation } from './conversation.ts'
import { Conversations } from './conversations.ts'
import { Outbox } from './outbox.ts'
import { Sender } from './sender.ts'
import { bytesToTyping, TypingPresence } from './typing.ts'
import { isUlid, newUlid } from './ulid.ts'

describe('the outbox', () => {
  let world: World
  let ann: FixtureTwin
  let ben: FixtureTwin
  beforeEach(async () => {
    world = new World()
    ann = await world.add('Ann')
    ben = await world.add('Ben')
  })
  afterEach(() => world.stop())

  it('says once what it said just before a crash', async () => {
    const table = keyValue(ann.spaces.self, '.outbox')
    const dying: KeyValue = Object.assign(Object.create(table), {
      put: table.put.bind(table),
      list: table.list.bind(table),
      delete: () => Promise.reject(new Error('Crashed'))
    })
    const outbox = new Outbox(dying, 1)
    for (const text of ['one', 'two']) await outbox.queue(ben.id, message(text))
    await meet(ann, ben)
    const space = await conversationOf(ann, ben)
    const crashed = await outbox.flush(ben.id, space).then(
      () => 'no',
      error => error.message
    )
    expect(crashed).to.equal('Crashed')
    await new Outbox(table, 1).flush(ben.id, space)
    expect((await space.transcript.page(10)).map(({ text }) => text)).to.deep.equal(['one', 'two'])
    expect(await new Outbox(table, 1).twins()).to.deep.equal([])
  })

  it('gives what waited to whoever changes it in the turn in which the conversation begins', async () => {
    const { link } = await ben.owner.invite({})
    await ben.setOnline(false)
    await ann.owner.add({ who: link, name: 'Ben' })
    const sent = await Promise.all(range(40).map(index => ann.chat.send({ who: 'Ben', text: `message ${index}` })))
    await ben.setOnline(true)
    const last = sent.at(-1)!.id
    await begun(() => ann.chat.edit({ who: 'Ben', id: last, text: 'the last' }))
    const texts = []
    for await (const { text } of ann.chat.history({ who: 'Ben', limit: 40 })) texts.push(text)
    expect(texts).to.have.length(40)
    expect(texts.at(-1)).to.equal('the last')
  })

  it('leaves what another device queued to that device', async () => {
    const table = keyValue(ann.spaces.self, '.outbox')
    await new Outbox(table, 2).queue(ben.id, message('from the other'))
    await meet(ann, ben)
    const space = await conversationOf(ann, ben)
    await new Outbox(table, 1).flush(ben.id, space)
    expect(await space.transcript.page(10)).to.deep.equal([])
    await new Outbox(table, 2).flush(ben.id, space)
    expect(await space.transcript.page(10)).to.have.length(1)
  })
})

describe('what waits for a conversation that has begun', () => {
  it('is sent on later when it could not be read', async () => {
    const world = new World()
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    const table = keyValue(ann.spaces.self, 'waiting')
    await new Outbox(table, 1).queue(ben.id, message('kept'))
    let failures = 2
    const failing: KeyValue = Object.assign(Object.create(table), {
      delete: table.delete.bind(table),
      list: (options: { prefix?: string }) => {
        if (options.prefix !== undefined && failures-- > 0) throw new Error('The store is closed')
        return table.list(options)
      }
    })
    const clock = new ManualClock()
    const components = {
      me: ann.made.init.me,
      spaces: ann.spaces,
      contacts: ann.contacts,
      crypto: ann.made.init.crypto,
      blobs: ann.blobsHere
    }
    const conversations = new Conversations(components, Date.now)
    const parts = { conversations, outbox: new Outbox(failing, 1), now: Date.now, clock, log: silentLogger }
    const sender = new Sender(components, parts)
    await sender.start()
    const { transcript } = await conversationOf(ann, ben)
    const said = async () => (await transcript.page(10)).map(({ text }) => text)
    for (let turn = 0; turn < 30 && (await said()).length === 0; turn++) await clock.advance(1000)
    expect(await said()).to.deep.equal(['kept'])
    await sender.stop()
    await world.stop()
  })
})

describe('presence', () => {
  it('says whether somebody types, and nothing else is believed', () => {
    const presence = new TypingPresence(2 ** 16 + 1)
    expect(bytesToTyping(presence.toBytes(true))).to.equal(true)
    expect(bytesToTyping(presence.toBytes(false))).to.equal(false)
    presence.destroy()
    for (const bytes of [
      new Uint8Array(),
      new Uint8Array([2, 1, 1]),
      new Uint8Array(2000),
      new Uint8Array([1, 1, 1, 200])
    ]) {
      expect(bytesToTyping(bytes)).to.equal(undefined)
    }
  })
})

describe('ulids', () => {
  it('have the form of the specification and sort by time', () => {
    expect(newUlid(1_469_918_176_385, new Uint8Array(10))).to.equal('01ARYZ6S410000000000000000')
    expect(newUlid(2 ** 48 - 1, new Uint8Array(10).fill(255))).to.equal('7ZZZZZZZZZZZZZZZZZZZZZZZZZ')
    const ids = [3, 1, 2].map(time => newUlid(time, crypto.getRandomValues(new Uint8Array(10))))
    expect([...ids].sort()).to.deep.equal([ids[1], ids[2], ids[0]])
    expect(ids.every(isUlid)).to.equal(true)
  })
})

const message = (text: string) => ({
  id: newUlid(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
  text,
  at: 1
})

const range = (length: number) => Array.from({ length }, (_, index) => index)

/** Asks again while there is no conversation */
async function begun<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!/has not begun/.test((error as Error).message)) throw error
      await new Promise(setImmediate)
    }
  }
}

async function conversationOf(one: FixtureTwin, other: FixtureTwin): Promise<Conversation> {
  for (;;) {
    const space = await one.spaces.direct(other.twin)
    if (space !== undefined) return new Conversation(space, Date.now)
    await new Promise(resolve => setTimeout(resolve))
  }
}
