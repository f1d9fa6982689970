/** What any notes must show, written against their client: two twins who are contacts, however they are connected. */
import { expect } from 'chai'
import type { Client } from '../core/index.ts'
import { defaultNotebook, maxNoteLength, type Note, type Notebook, type notesProtocol } from './protocol.ts'

export type NotesClient = Client<typeof notesProtocol>

export interface NotesWorld {
  readonly ann: NotesClient
  readonly ben: NotesClient
  /** What each is called by the other */
  readonly annName: string
  readonly benName: string
  stop(): Promise<void>
}

export default function notesCompliance(setup: () => Promise<NotesWorld>): void {
  let world: NotesWorld
  let ann: NotesClient
  let ben: NotesClient

  beforeEach(async () => {
    world = await setup()
    ann = world.ann
    ben = world.ben
  })
  afterEach(() => world.stop())

  /** Trip, which Ann made and Ben accepted */
  const shareTrip = async (): Promise<{ own: Notebook; received: Notebook }> => {
    await ann.createNotebook({ name: 'Trip' })
    const own = await ann.share({ notebook: 'Trip', who: world.benName })
    await until(async () => (await all(ben.offers({}))).length > 0)
    const received = await ben.accept({ notebook: `${world.annName}/Trip` })
    return { own, received }
  }

  describe('notes', () => {
    it('create() writes a note of which list() shows title, size and time', async () => {
      const text = '\n## Packing list \n\n- sandals 🩴'
      const made = await ann.create({ text })
      const { updated, ...shown } = made
      expect(shown).to.deep.equal({ id: made.id, notebook: made.notebook, title: 'Packing list', size: text.length })
      expect(updated).to.be.closeTo(Date.now(), 60_000)
      expect(await all(ann.list({}))).to.deep.equal([made])
      expect(await ann.read({ note: made.id })).to.deep.equal({ ...made, text })
      expect((await all(ann.notebooks({}))).map(({ name, kind, notes }) => [name, kind, notes])).to.deep.equal([
        [defaultNotebook, 'private', 1]
      ])
    })

    it('a note is named by the beginning of its id, when only one begins so', async () => {
      const { id } = await ann.create({ text: 'a' })
      expect((await ann.read({ note: id.slice(0, 8) })).id).to.equal(id)
      expect(await codeOf(ann.read({ note: 'zzzz' }))).to.equal('NotFound')
    })

    it('append(), replace() and write() change what they name and nothing else', async () => {
      const { id } = await ann.create({ text: 'one two three' })
      await ann.append({ note: id, text: ' four' })
      await ann.replace({ note: id, at: 4, length: 3, text: 'TWO', expected: 'two' })
      expect((await ann.read({ note: id })).text).to.equal('one TWO three four')
      expect(await codeOf(ann.replace({ note: id, at: 4, length: 3, text: 'x', expected: 'two' }))).to.equal(
        'FailedPrecondition'
      )
      expect(await codeOf(ann.replace({ note: id, at: 10, length: 100, text: 'x' }))).to.equal('FailedPrecondition')
      expect((await ann.write({ note: id, text: 'one 🦊 four' })).title).to.equal('one 🦊 four')
      expect((await ann.write({ note: id, text: 'one 🦁 four' })).size).to.equal(11)
      expect((await ann.read({ note: id })).text).to.equal('one 🦁 four')
    })

    it('delete() takes a note off the list, and it is not found any more', async () => {
      const { id } = await ann.create({ text: 'gone' })
      const stays = await ann.create({ text: 'stays' })
      await ann.delete({ note: id })
      expect(await all(ann.list({}))).to.deep.equal([stays])
      expect(await codeOf(ann.read({ note: id }))).to.equal('NotFound')
      expect(await codeOf(ann.append({ note: id, text: 'x' }))).to.equal('NotFound')
    })

    it('a note that would be too long is refused and stays as it was', async () => {
      const { id } = await ann.create({ text: 'x'.repeat(maxNoteLength) })
      const error = await ann.append({ note: id, text: 'y' }).catch(cause => cause)
      expect(error.code).to.equal('ResourceExhausted')
      expect(error.message).to.contain('200,000 characters')
      expect((await ann.read({ note: id })).size).to.equal(maxNoteLength)
      await ann.replace({ note: id, at: 0, length: 10, text: '' })
      expect((await ann.append({ note: id, text: 'y' })).size).to.equal(maxNoteLength - 9)
    })

    it('watch() tells what changes and what is deleted', async () => {
      const { id, notebook } = await ann.create({ text: 'first' })
      const changes = ann.watch({})[Symbol.asyncIterator]()
      const next = changes.next()
      const changed = await first(next, () => ann.append({ note: id, text: '!' }))
      expect(changed).to.deep.include({ type: 'changed', id, notebook })
      await ann.delete({ note: id })
      let last = (await changes.next()).value as { type: string; note?: Note }
      while (last.type === 'changed') last = (await changes.next()).value
      expect(last).to.deep.equal({ type: 'deleted', id, notebook })
      await changes.return?.()
    })
  })

  describe('notebooks', () => {
    it('a notebook has a name of its own, which can be changed', async () => {
      const { id } = await ann.createNotebook({ name: ' Trip ' })
      expect(await codeOf(ann.createNotebook({ name: 'Trip' }))).to.equal('AlreadyExists')
      expect(await codeOf(ann.createNotebook({ name: 'a/b' }))).to.equal('InvalidArgument')
      expect((await ann.renameNotebook({ notebook: 'Trip', name: 'Rome' })).name).to.equal('Rome')
      expect((await ann.create({ notebook: id, text: 'x' })).notebook).to.equal(id)
      expect(await all(ann.list({ notebook: 'Rome' }))).to.have.length(1)
      expect(await codeOf(ann.create({ notebook: 'Trip', text: 'x' }))).to.equal('NotFound')
    })

    it('share() offers a notebook to a contact, who sees it among the offers and accepts it', async () => {
      const { own, received } = await shareTrip()
      expect(own).to.deep.include({ kind: 'shared', name: 'Trip' })
      expect(own.members.map(({ name, role }) => [name, role])).to.deep.equal([[world.benName, 'writer']])
      expect(received).to.deep.include({ id: own.id, kind: 'received', name: `${world.annName}/Trip` })
      expect(await all(ben.offers({}))).to.deep.equal([])
      const members = await all(ben.members({ notebook: received.name }))
      expect(members.map(({ name, role }) => [name, role])).to.deep.equal([
        [world.annName, 'owner'],
        ['', 'writer']
      ])
    })

    it('accept() can be asked again when its answer was lost, and takes nothing that is not offered', async () => {
      const { own, received } = await shareTrip()
      expect(await ben.accept({ notebook: received.name })).to.deep.equal(received)
      expect((await ben.accept({ notebook: own.id })).id).to.equal(own.id)
      expect(await codeOf(ann.accept({ notebook: 'Trip' }))).to.equal('NotFound')
      expect(await codeOf(ben.accept({ notebook: `${world.annName}/Other` }))).to.equal('NotFound')
    })

    it('decline() takes an offer off the list, and it can be accepted later', async () => {
      await ann.createNotebook({ name: 'Trip' })
      await ann.share({ notebook: 'Trip', who: world.benName })
      await until(async () => (await all(ben.offers({}))).length > 0)
      const name = `${world.annName}/Trip`
      await ben.decline({ notebook: name })
      expect(await all(ben.offers({}))).to.deep.equal([])
      expect(await all(ben.notebooks({}))).to.deep.equal([])
      expect((await ben.accept({ notebook: name })).name).to.equal(name)
    })

    it('only contacts are shared with, and only what was made here', async () => {
      const { received } = await shareTrip()
      expect(await codeOf(ann.share({ notebook: 'Trip', who: 'Nobody' }))).to.equal('NotFound')
      expect(await codeOf(ben.share({ notebook: received.name, who: world.annName }))).to.equal('FailedPrecondition')
      expect(await codeOf(ben.renameNotebook({ notebook: received.name, name: 'Mine' }))).to.equal('FailedPrecondition')
    })

    it('both write a note, and what one writes the other reads', async () => {
      await shareTrip()
      const { id } = await ann.create({ notebook: 'Trip', text: '- sandals' })
      await until(async () => (await all(ben.list({}))).length > 0)
      await ben.append({ note: id, text: '\n- boots' })
      await until(async () => (await ann.read({ note: id })).text.includes('boots'))
      expect((await ann.read({ note: id })).text).to.equal('- sandals\n- boots')
    })
  })
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? String(error)
  )
}

/** Asks until it is so; a turn of the event loop between two calls lets what is on its way come in. */
async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise(resolve => setTimeout(resolve))
}

/** Changes again and again until the first change is seen: a stream has begun some time after it was asked for. */
async function first<T>(next: Promise<IteratorResult<T>>, change: () => Promise<unknown>): Promise<T> {
  let seen: IteratorResult<T> | undefined
  const arrived = next.then(result => {
    seen = result
  })
  while (seen === undefined) await Promise.race([arrived, change()])
  return seen.value
}
