/** What any chat must show, written against its client: three twins, of whom Ann knows the others, however connected. */
import { expect } from 'chai'
import type { Client } from '../core/index.ts'
import { type ChatMessage, type chatProtocol, maxTextBytes } from './protocol.ts'

type ChatClient = Client<typeof chatProtocol>

export interface ChatTwin {
  readonly id: string
  readonly chat: ChatClient
  /** Offline, a twin neither sends nor gets anything */
  setOnline(isOnline: boolean): Promise<void>
  /** Ends it without notice and starts it again on the same store */
  restart(): Promise<void>
}

export interface ChatWorld<T extends ChatTwin = ChatTwin> {
  readonly ann: T
  readonly ben: T
  readonly cleo: T
  /** Everybody calls everybody by these names: Ann, Ben, Cleo; `meet` makes two of them contacts */
  meet(a: T, b: T): Promise<void>
  /** The first asked the second, who has not accepted */
  ask(a: T, b: T): Promise<void>
  stop(): Promise<void>
}

export default function chatCompliance<T extends ChatTwin>(setup: () => Promise<ChatWorld<T>>): void {
  let world: ChatWorld<T>
  let ann: T
  let ben: T
  let cleo: T

  beforeEach(async () => {
    world = await setup()
    ann = world.ann
    ben = world.ben
    cleo = world.cleo
  })
  afterEach(() => world.stop())

  describe('two', () => {
    beforeEach(() => world.meet(ann, ben))

    it('what one says the other reads, in order and under the name they go by', async () => {
      await ann.chat.send({ who: 'Ben', text: 'Hello' })
      await has(ben, 'Ann', 1)
      await ben.chat.send({ who: 'Ann', text: 'Hello you' })
      const [first, second] = await has(ann, 'Ben', 2)
      expect(first).to.include({ text: 'Hello', from: ann.id, name: '' })
      expect(second).to.include({ text: 'Hello you', from: ben.id, name: 'Ben' })
    })

    it('a message climbs the ladder: saved, their twin, opened', async () => {
      await ben.setOnline(false)
      const { id, state } = await ann.chat.send({ who: 'Ben', text: 'Hello' })
      expect(state).to.equal('saved')
      await ben.setOnline(true)
      await reaches(ann, 'Ben', id, 'their-twin')
      await has(ben, 'Ann', 1, true)
      await reaches(ann, 'Ben', id, 'their-twin')
      await read(ben, 'Ann')
      await reaches(ann, 'Ben', id, 'opened')
    })

    it('peeking opens nothing, reading does and empties the count', async () => {
      await ann.chat.send({ who: 'Ben', text: 'one' })
      await ann.chat.send({ who: 'Ben', text: 'two' })
      await has(ben, 'Ann', 2, true)
      expect((await all(ben.chat.conversations({})))[0]).to.include({
        name: 'Ann',
        kind: 'direct',
        unread: 2,
        text: 'two'
      })
      expect(await ben.chat.read({ who: 'Ann' })).to.deep.equal({ unread: 0 })
      expect((await all(ben.chat.conversations({})))[0]).to.include({ unread: 0 })
    })

    it('messages written while apart are in one order on both sides', async () => {
      await ann.chat.send({ who: 'Ben', text: 'start' })
      await has(ben, 'Ann', 1)
      await ben.setOnline(false)
      for (let i = 0; i < 5; i++) {
        await ann.chat.send({ who: 'Ben', text: `ann ${i}` })
        await ben.chat.send({ who: 'Ann', text: `ben ${i}` })
      }
      await ben.setOnline(true)
      const there = await has(ben, 'Ann', 11)
      const here = await has(ann, 'Ben', 11)
      expect(there.map(({ id }) => id)).to.deep.equal(here.map(({ id }) => id))
      const mine = here.filter(({ from }) => from === ann.id).map(({ text }) => text)
      expect(mine).to.deep.equal(['start', 'ann 0', 'ann 1', 'ann 2', 'ann 3', 'ann 4'])
    })

    it('an author edits and deletes, and nobody else does', async () => {
      const { id } = await ann.chat.send({ who: 'Ben', text: 'Helo' })
      await has(ben, 'Ann', 1)
      expect(await codeOf(ben.chat.edit({ who: 'Ann', id, text: 'I owe you' }))).to.equal('FailedPrecondition')
      expect(await codeOf(ben.chat.delete({ who: 'Ann', id }))).to.equal('FailedPrecondition')
      await ann.chat.edit({ who: 'Ben', id, text: 'Hullo' })
      await ann.chat.edit({ who: 'Ben', id, text: 'Hello' })
      const edited = await becomes(ben, 'Ann', id, message => message.text === 'Hello')
      expect(edited.editedAt).to.be.a('number')
      await ann.chat.delete({ who: 'Ben', id })
      expect((await becomes(ben, 'Ann', id, message => message.deleted === true)).text).to.equal('')
      expect(await codeOf(ann.chat.edit({ who: 'Ben', id, text: 'x' }))).to.equal('FailedPrecondition')
      expect(await codeOf(ann.chat.edit({ who: 'Ben', id: '01J8Z3Q5W7X9Y0A1B2C3D4E5F6', text: 'x' }))).to.equal(
        'NotFound'
      )
    })

    it('both react, and take it back', async () => {
      const { id } = await ann.chat.send({ who: 'Ben', text: 'Hello' })
      await has(ben, 'Ann', 1)
      await ben.chat.react({ who: 'Ann', id, emoji: '👍' })
      await becomes(ann, 'Ben', id, message => message.reactions?.length === 1)
      await ann.chat.react({ who: 'Ben', id, emoji: '👍' })
      const both = await becomes(ben, 'Ann', id, message => message.reactions?.[0]?.from.length === 2)
      expect(both.reactions?.[0]).to.deep.include({ emoji: '👍' })
      await ben.chat.react({ who: 'Ann', id, emoji: '👍', remove: true })
      await becomes(ann, 'Ben', id, message => message.reactions?.[0]?.from.join() === ann.id)
    })

    it('a reply names what it answers', async () => {
      const { id } = await ann.chat.send({ who: 'Ben', text: 'Coming?' })
      await has(ben, 'Ann', 1)
      await ben.chat.reply({ who: 'Ann', id, text: 'Yes' })
      expect((await has(ann, 'Ben', 2))[1]).to.include({ text: 'Yes', replyTo: id })
    })

    it('the same key sends once, at once or one after the other', async () => {
      const sent = await Promise.all([1, 2, 3].map(() => ann.chat.send({ who: 'Ben', text: 'once', key: 'order/7' })))
      sent.push(await ann.chat.send({ who: 'Ben', text: 'once', key: 'order/7' }))
      expect(new Set(sent.map(({ id }) => id)).size).to.equal(1)
      expect(await all(ann.chat.history({ who: 'Ben' }))).to.have.length(1)
    })

    it('sendMany() stores line after line and history pages back through them', async () => {
      const lines = Array.from({ length: 300 }, (_, i) => ({ text: `line ${i}` }))
      const sent = await all(ann.chat.sendMany({ who: 'Ben' }, each(lines)))
      expect(sent).to.have.length(300)
      await has(ben, 'Ann', 300)
      const paged: string[] = []
      for (let before: string | undefined; ; ) {
        const page: ChatMessage[] = await all(ben.chat.history({ who: 'Ann', limit: 80, before }))
        paged.unshift(...page.map(({ text }) => text))
        if (page.length < 80) break
        before = page[0]!.id
      }
      expect(paged).to.deep.equal(lines.map(({ text }) => text))
    })

    it('follow() streams messages, how far they got, and who types', async () => {
      const controller = new AbortController()
      const here = ann.chat.follow({ who: 'Ben' }, { signal: controller.signal })[Symbol.asyncIterator]()
      const there = ben.chat.follow({ who: 'Ann' }, { signal: controller.signal })[Symbol.asyncIterator]()
      const seen = find(there, item => item.type === 'message' && item.message.text === 'Hello')
      const opened = find(here, item => item.type === 'state' && item.message.state === 'opened')
      // Until both streams have begun, what happens is in the history and not in them
      await repeatUntil(Promise.all([seen, opened]), () => ann.chat.send({ who: 'Ben', text: 'Hello' }))
      const typing = find(here, item => item.type === 'typing' && item.typing)
      await repeatUntil(typing, () => ben.chat.typing({ who: 'Ann' }))
      expect(await typing).to.include({ from: ben.id, name: 'Ben' })
      controller.abort()
    })

    it('a message has at most 16 KiB and goes to somebody', async () => {
      await ann.chat.send({ who: 'Ben', text: 'ü'.repeat(maxTextBytes / 2) })
      expect(await codeOf(ann.chat.send({ who: 'Ben', text: 'ü'.repeat(maxTextBytes / 2 + 1) }))).to.equal('TooLarge')
      expect(await codeOf(ann.chat.send({ who: 'Ben', text: '' }))).to.equal('InvalidArgument')
      expect(await codeOf(ann.chat.send({ who: 'Nobody', text: 'x' }))).to.equal('NotFound')
    })

    it('nothing is lost or said twice by a restart', async () => {
      const { id } = await ann.chat.send({ who: 'Ben', text: 'before', key: 'k' })
      await ann.restart()
      await ann.chat.edit({ who: 'Ben', id, text: 'after' })
      expect((await ann.chat.send({ who: 'Ben', text: 'before', key: 'k' })).id).to.equal(id)
      expect((await has(ben, 'Ann', 1))[0]!.id).to.equal(id)
      await becomes(ben, 'Ann', id, message => message.text === 'after')
    })
  })

  describe('waiting', () => {
    it('what is said before the other accepts waits, and arrives once and in order', async () => {
      await world.ask(ann, ben)
      for (const text of ['one', 'two', 'three']) {
        expect((await ann.chat.send({ who: 'Ben', text })).state).to.equal('saved')
      }
      const before = await all(ann.chat.history({ who: 'Ben' }))
      expect(before.map(({ text }) => text)).to.deep.equal(['one', 'two', 'three'])
      await ann.restart()
      await world.meet(ann, ben)
      await ann.chat.send({ who: 'Ben', text: 'four' })
      const there = await has(ben, 'Ann', 4)
      expect(there.map(({ text }) => text)).to.deep.equal(['one', 'two', 'three', 'four'])
      expect(there.slice(0, 3).map(({ id }) => id)).to.deep.equal(before.map(({ id }) => id))
      expect(await all(ann.chat.history({ who: 'Ben' }))).to.have.length(4)
    })

    it('the same key waits once', async () => {
      await world.ask(ann, ben)
      const first = await ann.chat.send({ who: 'Ben', text: 'one', key: 'k' })
      const again = await ann.chat.send({ who: 'Ben', text: 'one', key: 'k' })
      expect(again.id).to.equal(first.id)
      await world.meet(ann, ben)
      expect((await has(ben, 'Ann', 1))[0]!.id).to.equal(first.id)
      expect((await ann.chat.send({ who: 'Ben', text: 'one', key: 'k' })).id).to.equal(first.id)
    })
  })

  describe('groups', () => {
    beforeEach(async () => {
      await world.meet(ann, ben)
      await world.meet(ann, cleo)
    })

    it('what one says all read, and the least of them counts', async () => {
      const group = await ann.chat.createGroup({ name: 'Trip', members: ['Ben', 'Cleo'] })
      expect(group.members.map(({ id }) => id).sort()).to.deep.equal([ann.id, ben.id, cleo.id].sort())
      await cleo.setOnline(false)
      const { id } = await ann.chat.send({ who: 'Trip', text: 'Hello all' })
      await has(ben, group.id, 1)
      const halfway = await becomes(
        ann,
        'Trip',
        id,
        message => message.members?.some(({ state }) => state === 'opened') ?? false
      )
      expect(halfway.state).to.equal('saved')
      expect(halfway.members?.find(member => member.id === cleo.id)?.state).to.equal('saved')
      await cleo.setOnline(true)
      await has(cleo, group.id, 1)
      await reaches(ann, 'Trip', id, 'opened')
    })

    it('members are listed, and added by who made it', async () => {
      const group = await ann.chat.createGroup({ name: 'Trip', members: ['Ben'] })
      await ann.chat.send({ who: 'Trip', text: 'first' })
      await has(ben, group.id, 1)
      expect(await codeOf(ben.chat.addMember({ group: group.id, who: 'Ann' }))).to.equal('FailedPrecondition')
      expect((await ann.chat.addMember({ group: 'Trip', who: 'Cleo' })).id).to.equal(cleo.id)
      await ann.chat.send({ who: 'Trip', text: 'second' })
      const there = await becomesLast(cleo, group.id, message => message.text === 'second')
      expect(there.from).to.equal(ann.id)
      expect(await all(ann.chat.members({ who: 'Trip' }))).to.have.length(3)
    })

    it('a name that exists is not given twice, and only contacts are members', async () => {
      await ann.chat.createGroup({ name: 'Trip', members: [] })
      expect(await codeOf(ann.chat.createGroup({ name: 'trip', members: [] }))).to.equal('AlreadyExists')
      expect(await codeOf(ann.chat.createGroup({ name: 'Other', members: ['Nobody'] }))).to.equal('NotFound')
    })
  })
}

/** Reads until there are that many; reading opens them unless it peeks. */
async function has({ chat }: ChatTwin, who: string, count: number, peek = false): Promise<ChatMessage[]> {
  for (;;) {
    const messages = await all(chat.history({ who, limit: count + 1, peek })).catch(notYet)
    if (messages.length >= count) {
      expect(messages).to.have.length(count)
      return messages
    }
    await turn()
  }
}

async function read({ chat }: ChatTwin, who: string): Promise<void> {
  await all(chat.history({ who }))
}

async function becomes(
  { chat }: ChatTwin,
  who: string,
  id: string,
  isIt: (message: ChatMessage) => boolean
): Promise<ChatMessage> {
  for (;;) {
    const message = (await all(chat.history({ who, peek: true }))).find(message => message.id === id)
    if (message !== undefined && isIt(message)) return message
    await turn()
  }
}

async function becomesLast(
  { chat }: ChatTwin,
  who: string,
  isIt: (message: ChatMessage) => boolean
): Promise<ChatMessage> {
  for (;;) {
    const message = (await all(chat.history({ who, peek: true })).catch(notYet)).at(-1)
    if (message !== undefined && isIt(message)) return message
    await turn()
  }
}

async function reaches(twin: ChatTwin, who: string, id: string, state: ChatMessage['state']): Promise<void> {
  await becomes(twin, who, id, message => message.state === state)
}

/** A group that was just made has not arrived yet. */
function notYet(error: { code?: string }): ChatMessage[] {
  if (error.code !== 'NotFound') throw error
  return []
}

async function find<T>(items: AsyncIterator<T>, isIt: (item: T) => boolean): Promise<T> {
  for (;;) {
    const { value, done } = await items.next()
    if (done === true) throw new Error('The stream ended')
    if (isIt(value)) return value
  }
}

async function repeatUntil(awaited: Promise<unknown>, action: () => Promise<unknown>): Promise<void> {
  let isOver = false
  const over = awaited.finally(() => {
    isOver = true
  })
  while (!isOver) await Promise.race([over, action().then(turn)])
  await over
}

/** Lets what is on its way come in. */
function turn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve))
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
