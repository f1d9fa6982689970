import { expect } from 'chai'
import { UndoManager } from 'yjs'
import type { LiveText, Space } from '../../crdt/index.ts'
import { type Channel, channelPair, createClient, createServer, ProtocolError } from '../../protocols/core/index.ts'
import { editNote, notesProtocol } from '../../protocols/notes/index.ts'
import { type FixtureTwin, World } from '../../protocols/twins.fixture.ts'
import type { OpenNote } from '../open-note.ts'
import { openTabNote, tabNotes } from './index.ts'

describe('a note in a tab that does not run the peer', () => {
  let world: World
  let ann: FixtureTwin
  let note: string
  let space: Space
  const stop = new AbortController()
  beforeEach(async () => {
    world = new World()
    ann = await world.add('Ann')
    const notes = createClient(notesProtocol, ann.as('owner'))
    const made = await notes.create({ text: 'We go' })
    note = made.id
    space = ann.spaces.list().find(({ text }) => text === made.notebook)!
  })
  afterEach(() => world.stop())
  after(() => stop.abort())

  /** As a tab that leads: each has editors of its own on the one note. */
  function lead(): { channel: Channel; opened: LiveText[] } {
    const opened: LiveText[] = []
    const open = async (id: string): Promise<OpenNote> => {
      const live = await editNote(space, id)
      opened.push(live)
      return { live, isDirect: () => false, onPeers: () => () => {}, close: () => live.close() }
    }
    const server = createServer({ services: [tabNotes()({ open })] })
    return { channel: channelPair(server, { class: 'owner', level: 'admin' }), opened }
  }

  /** The channel to whoever leads now */
  function follow(first: Channel) {
    const leader = { channel: first }
    const client = (protocol: Parameters<Parameters<typeof openTabNote>[0]['client']>[0]) =>
      createClient(protocol, async () => leader.channel)
    return { leader, opened: openTabNote({ client, note, signal: stop.signal }) }
  }

  const seen = (live: Pick<LiveText, 'text'>, text: string) =>
    new Promise<void>(resolve => {
      const look = () => {
        if (live.text.toString() !== text) return
        live.text.unobserve(look)
        resolve()
      }
      live.text.observe(look)
      look()
    })

  it('is written through the one that does, and says when what was typed is stored', async () => {
    const { channel, opened } = lead()
    const { live, close } = await follow(channel).opened
    expect([live.text.toString(), live.state, live.isWritable]).deep.equal(['We go', 'saved', true])
    live.text.insert(5, ' north')
    expect(live.state).equal('saving')
    await live.saved()
    const notes = createClient(notesProtocol, ann.as('owner'))
    expect((await notes.read({ note })).text).equal('We go north')
    opened[0]!.text.insert(0, '# ')
    await new Promise<void>(resolve => live.text.observe(() => resolve()))
    expect(live.text.toString()).equal('# We go north')
    close()
  })

  it('shows what others type before it has arrived, where it stands', async () => {
    const { channel, opened } = lead()
    const { live, close } = await follow(channel).opened
    const [ours, client] = [opened[0]!, 65_538]
    const say = (typed: string) =>
      new Promise<void>(resolve => {
        live.awareness.once('change', () => resolve())
        ours.typedBy = () => (typed === '' ? [] : [{ index: 2, text: typed }])
        ours.awareness.states.set(client, { user: { name: 'Ben' }, cursor: null })
        ours.awareness.emit('change', [{ added: [client], updated: [], removed: [] }, 'remote'])
      })
    await say(' all')
    expect(live.typedBy(client)).deep.equal([{ index: 2, text: ' all' }])
    live.text.insert(0, '# ')
    expect(live.typedBy(client)).deep.equal([{ index: 4, text: ' all' }])
    await live.saved()
    expect(ours.text.toString()).equal('# We go')
    await say('')
    expect(live.typedBy(client)).deep.equal([])
    close()
  })

  it('goes on when another tab leads, with what was typed while none did, and can still take back what it typed', async () => {
    const before = lead()
    const { leader, opened } = follow(before.channel)
    const { live, close } = await opened
    const { text } = live
    const history = new UndoManager(text, { captureTimeout: 0 })
    text.insert(5, ' north')
    await live.saved()
    await before.channel.close()
    for (const open of before.opened) open.close()
    text.insert(text.length, ' or south')
    expect(live.state).equal('saving')
    const next = lead()
    const other = await editNote(space, note)
    other.text.insert(0, 'Now: ')
    await other.saved()
    leader.channel = next.channel
    await seen(live, 'Now: We go north or south')
    expect(live.text).equal(text)
    await live.saved()
    await seen(other, 'Now: We go north or south')
    for (const left of ['Now: We go north', 'Now: We go']) {
      history.undo()
      expect(text.toString()).equal(left)
      await seen(other, left)
    }
    history.redo()
    await seen(other, 'Now: We go north')
    await live.saved()
    other.close()
    close()
  })

  // Whose letters stand in front of the other's, and what somebody else wrote meanwhile
  for (const [first, client, meanwhile] of [
    ['its own', 1, ''],
    ['those of the next', 2 ** 32 - 2, ''],
    ['those of the next', 2 ** 32 - 2, 'Now: ']
  ] as const) {
    const besides = meanwhile === '' ? '' : ', beside somebody else'
    it(`writes nothing twice that was stored by a tab that could not say so any more, and can take it back: ${first} first${besides}`, async () => {
      const before = lead()
      const { leader, opened } = follow(before.channel)
      const { live, close } = await opened
      live.text.doc!.clientID = client
      const history = new UndoManager(live.text, { captureTimeout: 0 })
      await before.channel.close()
      for (const open of before.opened) open.close()
      live.text.insert(5, ' north')
      const other = await editNote(space, note)
      other.text.insert(5, ' north')
      other.text.insert(0, meanwhile)
      await other.saved()
      leader.channel = lead().channel
      await live.saved()
      const notes = createClient(notesProtocol, ann.as('owner'))
      const both = `${meanwhile}We go north`
      expect([live.text.toString(), (await notes.read({ note })).text]).deep.equal([both, both])
      history.undo()
      expect(live.text.toString()).equal(`${meanwhile}We go`)
      await seen(other, `${meanwhile}We go`)
      other.close()
      close()
    })
  }

  it('is not opened where there is none, and says so', async () => {
    const open = async () => {
      throw new ProtocolError('NotFound', 'No note of this name')
    }
    const server = createServer({ services: [tabNotes()({ open })] })
    const error = await follow(channelPair(server, { class: 'owner', level: 'admin' })).opened.catch(thrown => thrown)
    expect(error.code).equal('NotFound')
  })
})
