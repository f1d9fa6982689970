import { expect } from 'chai'
import { pairingToScopes } from '../identity/index.ts'
import { keyValue } from '../key-value/index.ts'
import { clientId } from '../log/index.ts'
import type { LocalSpace } from './local-space.ts'
import { read, spaceOf, tell, type } from './paper.fixture.ts'
import {
  addDevice,
  exchange,
  give,
  indexRows,
  openTwins,
  readText,
  reopen,
  type TestReplica,
  text
} from './replicas.fixture.ts'
import type { Space } from './space.ts'

const dayMs = 86_400_000

/** What a paired device has in its certificate. */
const pairedAt = (at: number) => pairingToScopes({ level: 'normal', at, by: 1, probationUntil: at + 3 * dayMs })

describe('taking a new device back', function () {
  this.timeout(60_000)
  let home: TestReplica
  let thief: TestReplica
  let friend: TestReplica
  let space: Space
  let chat: Space
  let all: TestReplica[]

  beforeEach(async () => {
    ;[home, friend] = (await openTwins(2)) as [TestReplica, TestReplica]
    space = await home.spaces.create({ kind: 'shared', name: 'shared', members: [friend.twin] })
    chat = await home.spaces.create({ kind: 'group', name: 'group', members: [friend.twin] })
    await type(space, 'a')
    await keyValue(space, 'k').put('door', text('1234'))
    await keyValue(home.spaces.self, 'k').put('note', text('mine'))
    await say(home, 1, 'hello')
    thief = await addDevice(home, 2, [home, friend], { scopes: pairedAt(Date.now()), role: 'browser' })
    all = [home, thief, friend]
    await exchange(...all)
  })

  const say = (by: TestReplica, member: number, line: string) =>
    spaceOf(by, chat).write(`diary/${member}`, doc => doc.getArray<string>('lines').push([line]))
  const lines = async (by: TestReplica, member: number) =>
    (await spaceOf(by, chat).doc(`diary/${member}`)).getArray<string>('lines').toArray()
  const value = async (by: TestReplica, of: Space, key: string) =>
    readText((await keyValue(spaceOf(by, of), 'k').get(key))?.value)
  const rowsOf = async ({ db }: TestReplica, ...of: Space[]) =>
    [...(await indexRows(db))].filter(([key]) => of.some(one => key.startsWith(`i/${one.text}/`)))

  /** What it writes everywhere: into a text, over a value, as its owner, and into the private space. */
  async function steal(): Promise<void> {
    await type(spaceOf(thief, space), 'X')
    await keyValue(spaceOf(thief, space), 'k').put('door', text('0000'))
    await say(thief, 1, 'send money')
    await keyValue(thief.spaces.self, 'k').put('note', text('theirs'))
    await exchange(...all)
  }

  /** The others go on in good faith, on top of it. */
  async function answer(): Promise<void> {
    await type(spaceOf(friend, space), 'c')
    await exchange(...all)
    await say(friend, 2, 'how much?')
    await keyValue(spaceOf(friend, space), 'k').put('window', text('open'))
    await type(space, 'd')
    await exchange(...all)
  }

  async function expectGone(mine: TestReplica, other: TestReplica): Promise<void> {
    for (const one of [mine, other]) {
      // What is written again is written by both at once
      expect(await read(spaceOf(one, space))).to.be.oneOf(['acd', 'adc'])
      expect(await value(one, space, 'door')).to.equal('1234')
      expect(await value(one, space, 'window')).to.equal('open')
      expect(await lines(one, 1)).to.deep.equal(['hello'])
      expect(await lines(one, 2)).to.deep.equal(['how much?'])
    }
    expect(await value(mine, mine.spaces.self, 'note')).to.equal('mine')
    expect(await rowsOf(other, space, chat)).to.deep.equal(await rowsOf(mine, space, chat))
  }

  /** What follows from the list is carried out, and written again. */
  async function carriedOut(...replicas: TestReplica[]): Promise<void> {
    for (const replica of replicas) {
      for (const of of [space, chat]) {
        const { context } = spaceOf(replica, of) as LocalSpace
        const { quarantine, logs, commit, me } = context
        const owes = () => {
          const own = logs.find({ twin: me.twin, device: me.device })
          return own !== undefined && quarantine.owes(own.client, own.seq)
        }
        const isBehind = () => quarantine.endOf(clientId(1, 2))?.seq !== 0 || quarantine.isBehind || owes()
        for (let tries = 0; isBehind() && tries < 1000; tries++) {
          context.touch()
          await commit.idle()
          await new Promise(setImmediate)
        }
      }
    }
  }

  it('takes out all that it wrote, in every space and at contacts, and nothing that was built on it', async () => {
    await steal()
    await answer()
    expect(await value(friend, space, 'door')).to.equal('0000')
    expect(await home.spaces.takeBackDevice(2)).to.equal('recorded')
    await tell(home, friend)
    await carriedOut(home, friend)
    await exchange(home, friend)
    await expectGone(home, friend)
    const again = (await Promise.all([home, friend].map(reopen))) as [TestReplica, TestReplica]
    await expectGone(...again)
    // A device that comes later is told the same
    const late = await addDevice(again[0], 3, again)
    await exchange(...again, late)
    await expectGone(late, again[1])
  })

  it('takes out what arrives of it later, by whoever has not heard', async () => {
    await steal()
    await home.spaces.takeBackDevice(2)
    await type(spaceOf(thief, space), 'Y')
    await keyValue(spaceOf(thief, space), 'k').put('door', text('9999'))
    await give(thief, friend)
    await answer()
    await tell(home, friend)
    await carriedOut(home, friend)
    await exchange(home, friend)
    await expectGone(home, friend)
  })

  it('acts on the word of an admin device at once, and takes back when the keeper of the list hears of it', async () => {
    const tablet = await addDevice(home, 3, all)
    await exchange(...all, tablet)
    await steal()
    await answer()
    await exchange(...all, tablet)
    expect(await tablet.spaces.takeBackDevice(2)).to.equal('on-sight')
    await tell(tablet, friend)
    expect(friend.spaces.replica.isRevoked(thief.spaces.replica.self)).to.equal(true)
    // What it wrote counts until then: only the keeper says where a log ends
    expect(await read(spaceOf(tablet, space))).to.equal('aXcd')
    await tell(tablet, home)
    await recorded(home)
    await tell(home, friend, tablet)
    await carriedOut(home, friend, tablet)
    await exchange(home, friend, tablet)
    await expectGone(home, friend)
    await expectGone(tablet, friend)
  })

  it('a keeper that hears of it after a week keeps what it has', async () => {
    const tablet = await addDevice(home, 3, all)
    await exchange(...all, tablet)
    await steal()
    await tablet.spaces.takeBackDevice(2)
    const late = await reopen({ ...home, init: { ...home.init, clock: () => Date.now() + 8 * dayMs } })
    await tell(tablet, late)
    await recorded(late)
    expect(late.init.directory.get(home.twin)?.device(2)?.revoked?.cuts).to.have.length(3)
  })

  it('is for new devices, and a revocation keeps what the device wrote', async () => {
    await addDevice(home, 3, all, { scopes: pairedAt(Date.now() - 8 * dayMs) })
    await addDevice(home, 4, all)
    for (const number of [1, 3, 4, 9]) {
      expect(await home.spaces.takeBackDevice(number).catch(error => error)).to.be.instanceOf(RangeError)
    }
    await steal()
    await home.spaces.revokeDevice(2)
    expect(await value(home, space, 'door')).to.equal('0000')
    expect(await home.spaces.takeBackDevice(2).catch(error => error)).to.be.instanceOf(RangeError)
  })
})

/** Waits for the keeper to record what was said on sight. */
const recorded = ({ init, twin }: TestReplica) =>
  new Promise<void>(resolve => {
    const look = () => init.directory.get(twin)?.device(2)?.revoked !== undefined
    if (look()) return resolve()
    const stop = init.directory.onChange(() => {
      if (!look()) return
      stop()
      resolve()
    })
  })
