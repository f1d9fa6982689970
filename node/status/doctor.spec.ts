import { expect } from 'chai'
import { failingDatabase } from '../../crdt/spaces/failing-database.fixture.ts'
import { createSpaces } from '../../crdt/spaces/local-spaces.ts'
import { newTwin } from '../../crdt/spaces/replicas.fixture.ts'
import { type FixtureTwin, meet, World } from '../../protocols/twins.fixture.ts'
import type { NodeCheck } from '../control/index.ts'
import { componentsOf, componentsOfReplica, examine } from './doctor.fixture.ts'

describe('diagnose()', function () {
  this.timeout(60_000)

  describe('looks at this twin', () => {
    it('a store that takes a write is good, and the write leaves nothing', async () => {
      const twin = await newTwin()
      const spaces = await createSpaces(twin.init)
      const before = await twin.db.keys().all()
      const checks = await examine(componentsOfReplica({ ...twin, spaces }, []))
      expect(stepOf(checks, 'home')).to.include({ result: 'good', detail: 'The store takes writes' })
      expect(await twin.db.keys().all()).to.deep.equal(before)
    })

    it('a store that takes no writes is a problem with its reason and a next step, until it does', async () => {
      const { db, failAt } = failingDatabase()
      const twin = await newTwin({ db })
      const components = componentsOfReplica({ ...twin, spaces: await createSpaces(twin.init) }, [])
      failAt(1, true)
      for (const _ of ['the first failure', 'a store that is closed since']) {
        const check = stepOf(await examine(components), 'home')
        expect(check.result).to.equal('problem')
        expect(check.detail).to.match(/takes no writes.*disk is full/)
        expect(check.next).to.be.a('string').and.not.be.empty
      }
      failAt(Number.POSITIVE_INFINITY)
      expect(stepOf(await examine(components), 'home').result).to.equal('good')
    })

    it('nobody connected is a problem that names what to do', async () => {
      const world = new World()
      const ann = await world.add('Ann')
      const alone = stepOf(await examine(componentsOf(ann, { hasBootstrap: false })), 'mesh')
      expect(alone).to.deep.include({ about: 'this twin', result: 'problem' })
      expect(alone.next).to.match(/--bootstrap/)
      await world.stop()
    })
  })

  describe('walks up to the last message', () => {
    let world: World
    let ann: FixtureTwin
    let ben: FixtureTwin

    beforeEach(async () => {
      world = new World()
      ;[ann, ben] = [await world.add('Ann'), await world.add('Ben')]
      await meet(ann, ben)
    })

    afterEach(() => world.stop())

    it('delivered and not read is a wait that says so, read is good', async () => {
      const { id } = await ann.chat.send({ who: 'Ben', text: 'Hello' })
      await reaches(ann, id, 'their-twin')
      const components = componentsOf(ann, { connected: [ben.id] })
      const before = await examine(components)
      expect(before.filter(({ result }) => result === 'problem')).to.deep.equal([])
      expect(stepOf(before, 'entries').result).to.equal('good')
      const unread = stepOf(before, 'opened')
      expect(unread).to.include({ about: 'Ben', result: 'wait' })
      expect(unread.detail).to.match(/delivered, not read/)
      await ben.chat.read({ who: 'Ann' })
      await reaches(ann, id, 'opened')
      const after = await examine(components)
      expect(after.filter(({ result }) => result !== 'good')).to.deep.equal([])
      expect(stepOf(after, 'opened').result).to.equal('good')
    })

    it('does not read messages in the name of the owner', async () => {
      const { id } = await ben.chat.send({ who: 'Ann', text: 'Hello' })
      await reaches(ben, id, 'their-twin')
      const { spaces, chat } = ann
      await chat.send({ who: 'Ben', text: 'Hello too' })
      await examine(componentsOf(ann, { connected: [ben.id] }))
      await spaces.probe()
      for await (const { unread } of chat.conversations({})) expect(unread).to.equal(1)
      expect(await stateOf(ben, id)).to.equal('their-twin')
    })

    it('what is not on their twin yet is a wait, and nothing is said of reading', async () => {
      const { id } = await ann.chat.send({ who: 'Ben', text: 'Hello' })
      await reaches(ann, id, 'their-twin')
      await ben.setOnline(false)
      await ann.chat.send({ who: 'Ben', text: 'Are you there?' })
      const checks = await examine(componentsOf(ann, { connected: [ben.id] }))
      expect(stepOf(checks, 'entries')).to.include({ about: 'Ben', result: 'wait' })
      expect(checks.map(({ step }) => step)).to.not.include('opened')
    })

    it('stops where the ladder breaks: a contact that nobody finds', async () => {
      const checks = await examine(componentsOf(ann), ben.id)
      expect(checks.at(-1)).to.include({ about: 'Ben', step: 'find', result: 'problem' })
    })
  })
})

function stepOf(checks: readonly NodeCheck[], step: string): NodeCheck {
  const found = checks.filter(check => check.step === step)
  expect(found, `${step} in ${JSON.stringify(checks)}`).to.have.length(1)
  return found[0]!
}

async function stateOf({ chat }: FixtureTwin, id: string): Promise<string | undefined> {
  for (const who of ['Ann', 'Ben']) {
    const history = chat.history({ who, peek: true })
    try {
      for await (const message of history) if (message.id === id) return message.state
    } catch {
      // One of the two is the twin itself
    }
  }
  return undefined
}

/** Each round is a call, which is what paces it. */
async function reaches(twin: FixtureTwin, id: string, state: string): Promise<void> {
  while ((await stateOf(twin, id)) !== state) await new Promise(setImmediate)
}
