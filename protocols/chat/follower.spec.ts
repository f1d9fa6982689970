import { expect } from 'chai'
import { createSpaces, keyValueKind } from '../../crdt/index.ts'
import { failingDatabase } from '../../crdt/spaces/failing-database.fixture.ts'
import { newTwin } from '../../crdt/spaces/replicas.fixture.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import { Conversation } from './conversation.ts'
import { chatKind } from './document-kind.ts'
import { Follower } from './follower.ts'
import { newUlid } from './ulid.ts'

describe('whoever follows a conversation', () => {
  it('is shown what was reported as failed and is on the disk all the same', async () => {
    const { db, failAt } = failingDatabase(true)
    const spaces = await createSpaces((await newTwin({ db, kinds: [keyValueKind, chatKind] })).init)
    const space = await spaces.create({ kind: 'group', name: 'Trip', members: [] })
    const conversation = new Conversation(space, Date.now)
    const follower = new Follower({ nameOf: twin => twin, clock: new ManualClock(), opens: false })
    await follower.add(conversation)
    failAt(1)
    const message = { id: newUlid(1, new Uint8Array(10)), text: 'There', at: 1 }
    expect(await conversation.send(message).catch(error => error.code)).to.equal('Unavailable')
    await space.flush()
    const stop = new AbortController()
    const items = follower.items(stop.signal)[Symbol.asyncIterator]()
    const next = items.next()
    // Without a row it waits for one
    setImmediate(() => stop.abort())
    const { value } = await next
    expect(value).to.nested.include({ type: 'message', 'message.text': 'There' })
    await items.return?.(undefined)
  })
})
