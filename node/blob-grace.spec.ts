import { expect } from 'chai'
import { pairingToScopes } from '../crdt/identity/index.ts'
import { addDevice, openTwins, type TestReplica } from '../crdt/spaces/replicas.fixture.ts'
import { blobGraceMs } from './blob-grace.ts'

const hourMs = 3_600_000
const weekMs = 7 * 24 * hourMs

describe('blobs that nothing refers to', function () {
  this.timeout(20_000)

  it('are kept for as long as a new device may be taken back, which brings references back', async () => {
    const [home] = (await openTwins(1)) as [TestReplica]
    const list = () => home.init.directory.get(home.twin)
    const now = Date.now()
    expect([blobGraceMs(undefined), blobGraceMs(list())]).to.deep.equal([hourMs, hourMs])
    await addDevice(home, 2, [home], { scopes: pairingToScopes({ level: 'normal', at: now, by: 1 }) })
    expect(blobGraceMs(list(), now + 1)).to.equal(weekMs)
    await home.spaces.takeBackDevice(2)
    expect(blobGraceMs(list(), now + 1)).to.equal(weekMs)
    expect(blobGraceMs(list(), now + weekMs)).to.equal(hourMs)
  })
})
