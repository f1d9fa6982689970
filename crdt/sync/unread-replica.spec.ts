import { expect } from 'chai'
import { failingDatabase } from '../spaces/failing-database.fixture.ts'
import { createSpaces } from '../spaces/index.ts'
import { exchange, newTwin, openTwins, type TestReplica } from '../spaces/replicas.fixture.ts'
import { Link, settle, until } from './link.fixture.ts'
import { decodeItem } from './message.ts'

describe('a replica whose store does not open after a failed write', () => {
  let ann: TestReplica
  let keeper: TestReplica
  let link: Link
  let works: () => void

  const write = () => keeper.spaces.self.write('text/paper', doc => doc.getText('text').insert(0, 'x'))
  const meet = async () => {
    link = new Link(ann.spaces.replica, keeper.spaces.replica).start()
    await settle(link)
  }
  /** How Ann sees it */
  const progress = () => link.ends[0].session.progress().spaces[0]

  const complete = () =>
    until(() => {
      const { isReceived, isSent, lacking } = progress()!
      return isReceived && isSent && lacking === 0
    })

  /** How many logs the keeper has named, each time that it opened the space */
  const opened = () =>
    link.ends[0].received
      .flatMap(decodeItem)
      .flatMap(message => (message.type === 'open' ? message.frontier.length : []))

  beforeEach(async () => {
    const { db, failAt } = failingDatabase()
    const [one, author] = (await openTwins(2)) as [TestReplica, TestReplica]
    ann = one
    const made = await newTwin({ db })
    keeper = { ...made, spaces: await createSpaces(made.init) }
    for (const twin of [ann, author]) {
      await twin.init.directory.receive(keeper.twin, keeper.records)
      await keeper.init.directory.receive(twin.twin, twin.records)
    }
    const members = [{ twin: author.twin }, { twin: keeper.twin, role: 'replica' as const }]
    const { id } = await ann.spaces.create({ kind: 'shared', name: 's', members })
    await exchange(ann, author, keeper)
    // The keeper alone can give it to Ann
    await author.spaces.get(id)!.write('text/paper', doc => doc.getText('text').insert(0, 'a'))
    await exchange(author, keeper)
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    works = () => {
      db.open = open
    }
    failAt(1)
    expect(await write().catch(({ code }) => code)).equal('fenced')
    await keeper.spaces.self.flush()
  })

  afterEach(() => link.cut())

  it('goes on with all there is, in a session that began meanwhile, once the store opens', async () => {
    await meet()
    expect(progress()).include({ isShared: true, isReceived: false })
    works()
    await write().catch(write)
    await complete()
    expect(opened()).deep.equal([0, 1])
    expect(link.errors()).deep.equal([])
  })

  it('has it opened for a peer that comes with nothing', async () => {
    works()
    await meet()
    await complete()
    expect(link.errors()).deep.equal([])
  })
})
