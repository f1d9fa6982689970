import { expect } from 'chai'
import { deviceCuts } from './held-cuts.ts'
import type { LocalSpace } from './local-space.ts'
import { read, spaceOf, tell, type } from './paper.fixture.ts'
import { addDevice, crypto, exchange, openTwins, type TestReplica } from './replicas.fixture.ts'

const count = 1500

describe('a revocation that names 1,500 spaces', function () {
  this.timeout(60_000)

  it('ends the log of the device where it says, in a space that stands in any of its records', async () => {
    const [home, friend] = (await openTwins(2)) as [TestReplica, TestReplica]
    const phone = await addDevice(home, 2, [home, friend], { scopes: [] })
    await exchange(home, phone)
    const all = [home, phone, friend]
    const spaces = []
    for (const name of ['first', 'middle', 'last']) {
      spaces.push(await home.spaces.create({ kind: 'shared', name, members: [friend.twin] }))
    }
    await exchange(...all)
    for (const space of spaces) await type(spaceOf(phone, space), 'a')
    await exchange(...all)
    const held = spaces.map(space => ({ space: spaceOf(home, space) as LocalSpace }) as never)
    const [first, middle, last] = await deviceCuts(held, { twin: home.twin, device: 2 })
    const others = Array.from({ length: count - 3 }, (_, n) => ({
      space: crypto.sha256(Uint8Array.of(n >> 8, n & 255)),
      seq: 1,
      hash: new Uint8Array(32)
    }))
    const cuts = [first!, ...others.slice(0, count / 2), middle!, ...others.slice(count / 2), last!]
    // What it writes from now on, nobody takes
    for (const space of spaces) await type(spaceOf(phone, space), 'b')
    const { directory, me } = home.init
    await directory.decide(home.twin, list => list.revoke(2, cuts, me.signer, Date.now()))
    await tell(home, friend)
    expect(friend.init.directory.get(home.twin)!.device(2)!.revoked!.cuts).length(count)
    await exchange(...all)
    for (const replica of [home, friend]) {
      for (const space of spaces) expect(await read(spaceOf(replica, space))).equal('a')
    }
    for (const { spaces } of all) await spaces.stop()
  })
})
