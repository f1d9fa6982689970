import { expect } from 'chai'
import { copyOf, holdReading } from '../spaces/database.fixture.ts'
import { failingDatabase } from '../spaces/failing-database.fixture.ts'
import { createSpaces } from '../spaces/index.ts'
import { exchange, newTwin, openTwins, sharedSpace, type TestReplica } from '../spaces/replicas.fixture.ts'
import type { Space } from '../spaces/space.ts'
import { openOn } from './disk.fixture.ts'
import { Link, settle, until } from './link.fixture.ts'
import type { SpaceProgress } from './space-progress.ts'

describe('while a space is read again after a failed write', () => {
  let [db, failAt] = [failingDatabase().db, (_write: number) => {}]
  let ann: TestReplica
  let ben: TestReplica
  let [theirs, space]: (Space | undefined)[] = []

  const write = (text: string) => space!.write('text/paper', doc => doc.getText('text').insert(0, text))

  beforeEach(async () => {
    ;({ db, failAt } = failingDatabase())
    ;[ann] = (await openTwins(1)) as [TestReplica]
    const made = await newTwin({ db })
    ben = { ...made, spaces: await createSpaces(made.init) }
    await ann.init.directory.receive(ben.twin, ben.records)
    await ben.init.directory.receive(ann.twin, ann.records)
    ;[theirs, space] = await sharedSpace([ann, ben])
    await exchange(ann, ben)
  })

  it('a session that begins sends all that is on the disk', async () => {
    await write('a')
    const { reached, release } = holdReading(db, `h/${space!.text}/`)
    failAt(1)
    expect(await write('b').catch(({ name }) => name)).equal('SpaceError')
    await reached
    const link = new Link(ann.spaces.replica, ben.spaces.replica).start()
    await settle(link)
    release()
    await until(() => ann.spaces.replica.space(space!.id)!.frontier().length > 0)
    expect((await theirs!.doc('text/paper')).getText('text').toString()).equal('a')
    link.cut()
  })

  it('peers are shown nothing of a store that does not open, and all of it when one comes with something', async () => {
    await write('a')
    await theirs!.write('text/paper', doc => doc.getText('text').insert(0, 'x'))
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    failAt(1)
    expect(await write('b').catch(({ name }) => name)).equal('SpaceError')
    await ben.spaces.self.flush().catch(() => {})
    expect(ben.spaces.replica.space(space!.id)!.frontier()).deep.equal([])
    db.open = open
    const logs = () => [ann, ben].map(({ spaces }) => spaces.replica.space(space!.id)!.frontier().length)
    for (let meetings = 0; meetings < 3 && logs().join() !== '2,2'; meetings++) {
      const link = new Link(ann.spaces.replica, ben.spaces.replica).start()
      await settle(link)
      link.cut()
    }
    expect(logs()).deep.equal([2, 2])
  })

  /** A write fails and the store does not open until that is called. */
  async function close(): Promise<() => void> {
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    failAt(1)
    expect(await write('x').catch(({ code }) => code)).equal('fenced')
    await space!.flush()
    return () => {
      db.open = open
    }
  }

  it('no peer is told that it has all there is', async () => {
    const insert = (to: Space, text: string) => to.write('text/paper', doc => doc.getText('text').insert(0, text))
    await insert(theirs!, 'a')
    await exchange(ann, ben)
    const old = await copyOf(ann.db)
    await insert(theirs!, 'lost ')
    await exchange(ann, ben)
    const forks: unknown[] = []
    ben.spaces.on('fork', fork => forks.push(fork))
    // Ann's disk is as it was before, and Ben alone knows
    await ann.spaces.stop()
    ann = await openOn(old, { ...ann, init: { ...ann.init, asksFirst: true } })
    const back = ann.spaces.get(space!.id)!
    const works = await close()
    const meet = async () => {
      const link = new Link(ann.spaces.replica, ben.spaces.replica).start()
      await settle(link)
      const [{ isReceived }] = link.ends[0].session.progress().spaces as [SpaceProgress]
      return { link, isReceived }
    }
    const first = await meet()
    await insert(back, 'new ')
    expect([first.isReceived, back.review().unshown]).deep.equal([false, 1])
    first.link.cut()
    works()
    const second = await meet()
    const texts = () =>
      Promise.all([back, space!].map(async one => (await one.doc('text/paper')).getText('text').toString()))
    const both = ['new lost a', 'new lost a']
    // Until it was read again, nothing in the space says that something is to come
    for (let turn = 0; turn < 1000 && (await texts()).join() !== both.join(); turn++) await settle(second.link)
    expect(await texts()).deep.equal(both)
    expect(back.review().unshown).equal(0)
    expect(forks).deep.equal([])
    second.link.cut()
  })

  it('logs that could not be read are not taken for empty ones', async () => {
    await write('a')
    await close()
    const { replica } = ben.spaces
    const reading = async () => {
      for await (const run of replica.runs(space!.id, replica.self, 0)) return run
    }
    expect(await reading().catch(({ name, code }) => [name, code])).deep.equal(['SpaceError', 'fenced'])
  })

  it('what was shown to nobody stays so', async () => {
    await write('a')
    // After a start nobody is shown anything that is written, until a peer has sent all it had
    ben = { ...ben, spaces: await createSpaces({ ...ben.init, asksFirst: true }) }
    space = ben.spaces.get(space!.id)
    const { id, text } = space!
    await write('b')
    const shown = ben.spaces.replica.space(id)!.frontier()
    expect(shown.map(([, , seq]) => seq)).deep.equal([1])
    const { reached, release } = holdReading(db, `c/${text}/m/`)
    failAt(1)
    expect(await write('c').catch(({ name }) => name)).equal('SpaceError')
    await reached
    expect(ben.spaces.replica.space(id)!.frontier()).deep.equal(shown)
    release()
  })
})
