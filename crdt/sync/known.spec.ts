import { expect } from 'chai'
import { addDevice, exchange, openTwins, sharedSpace, type TestReplica } from '../spaces/replicas.fixture.ts'
import type { Space } from '../spaces/space.ts'
import { Link, until } from './link.fixture.ts'

describe('what a session shows that a peer knows', () => {
  it('is each device list and membership of which the peer lacks nothing, and nothing else', async () => {
    const [ada, ben] = (await openTwins(2)) as [TestReplica, TestReplica]
    await addDevice(ada, 2, [ada, ben])
    const [space] = (await sharedSpace([ada, ben])) as [Space]
    await exchange(ada, ben)
    const known = new Set<string>()
    const names = new Map([
      [`${ada.twin}`, 'ada'],
      [`${ben.twin}`, 'ben'],
      [`${space.id}`, 'space']
    ])
    ada.spaces.replica.on('knows', ({ kind, id, from }) => {
      expect(from).to.deep.equal(ben.spaces.replica.self)
      known.add(`${kind} ${names.get(`${id}`)}`)
    })
    const meet = async (isOver: () => boolean) => {
      known.clear()
      const link = new Link(ada.spaces.replica, ben.spaces.replica).start()
      await until(isOver)
      link.cut()
    }
    const isRevoked = () => ben.init.directory.get(ada.twin)!.isRevoked(2)
    await ada.spaces.revokeDevice(2)
    await meet(() => isRevoked() && known.has('devices ben'))
    expect(known.has('devices ada')).to.equal(false)
    await exchange(ada, ben)
    await meet(() => known.size === 3)
    expect([...known].sort()).to.deep.equal(['devices ada', 'devices ben', 'members space'])
  })
})
