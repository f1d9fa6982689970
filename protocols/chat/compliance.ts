/** What any chat must show, written against its client: three twins, of whom Ann knows the others, however connected. */
import { expect } from 'chai'
import { groupCompliance } from './compliance-groups.ts'
import { all, becomes, type ChatTwin, codeOf, each, find, has, reaches, read, repeatUntil } from './compliance-steps.ts'
import { type ChatMessage, maxTextBytes } from './protocol.ts'

export type { ChatTwin }

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

  beforeEach(async () => {
    world = await setup()
    ann = world.ann
    ben = world.ben
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

    it('an answer stands behind what it answers, also when much was said in between', async () => {
      await ben.chat.send({ who: 'Ann', text: 'ready?' })
      await has(ann, 'Ben', 1)
      for (const text of ['one', 'two', 'three']) await ann.chat.send({ who: 'Ben', text })
      await has(ben, 'Ann', 4)
      await ben.chat.send({ who: 'Ann', text: 'got all' })
      const texts = (await has(ann, 'Ben', 5)).map(({ text }) => text)
      expect(texts).to.deep.equal(['ready?', 'one', 'two', 'three', 'got all'])
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

    it('files go with a message, and go with it when it is deleted', async () => {
      const attachments = [await ann.putFile('garden.txt')]
      const { id } = await ann.chat.send({ who: 'Ben', text: 'The garden', attachments })
      const [message] = await has(ben, 'Ann', 1)
      expect(message).to.deep.include({ text: 'The garden', attachments })
      await ann.chat.delete({ who: 'Ben', id })
      expect((await becomes(ben, 'Ann', id, message => message.deleted === true)).attachments).to.equal(undefined)
    })

    it('a file that is not stored here, or whose name leads somewhere, does not go with a message', async () => {
      const file = await ann.putFile('garden.txt')
      const send = (change: object) => ann.chat.send({ who: 'Ben', text: 'x', attachments: [{ ...file, ...change }] })
      expect(await codeOf(send({ address: '00'.repeat(32) }))).to.equal('FailedPrecondition')
      expect(await codeOf(send({ name: '../garden.txt' }))).to.equal('InvalidArgument')
      expect(await all(ann.chat.history({ who: 'Ben' }))).to.deep.equal([])
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
    it('a file does not wait for somebody who has not accepted', async () => {
      await world.ask(ann, ben)
      const attachments = [await ann.putFile('garden.txt')]
      expect(await codeOf(ann.chat.send({ who: 'Ben', text: 'x', attachments }))).to.equal('FailedPrecondition')
      expect(await all(ann.chat.history({ who: 'Ben' }))).to.deep.equal([])
    })

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

  describe('groups', () => groupCompliance(() => world))
}
