import { expect } from 'chai'
import { scopesToPairing } from '../../crdt/identity/index.ts'
import { probationMs } from './index.ts'
import { codeOf, collect, type PairingTwin, PairingWorld, pair } from './pairing.fixture.ts'

const hour = 3_600_000

describe('a new device', () => {
  let world: PairingWorld
  let twin: PairingTwin
  beforeEach(async () => {
    world = new PairingWorld()
    twin = await world.twin()
  })

  it('on probation lets nobody in, until a second device of the twin has spoken for it', async () => {
    await pair(twin, { device: 1 })
    const onProbation = twin.owner({ device: 2, level: 'normal' })
    const refused = await onProbation.offer({}).catch(error => error)
    expect(refused).to.include({ code: 'PermissionDenied' })
    expect(refused.message).to.match(/This device is new/)
    expect(await codeOf(twin.owner({ device: 1 }).trust({ number: 2 }))).to.equal('FailedPrecondition')
    expect(await codeOf(twin.owner({ device: 2, level: 'trusted' }).trust({ number: 2 }))).to.equal(
      'FailedPrecondition'
    )
    await twin.owner({ device: 3, level: 'trusted' }).trust({ number: 2 })
    expect(scopesToPairing(twin.list.device(2)!.certificate.scopes)).to.not.have.property('probationUntil')
  })

  it('is told of at once, after an hour and after a day, for three days', async () => {
    await pair(twin, { device: 1 })
    const seen: number[] = []
    const stop = new AbortController()
    const following = (async () => {
      for await (const notice of twin.owner().notices({ follow: true }, { signal: stop.signal })) {
        expect(notice).to.include({ number: 2, name: 'laptop', platform: 'Firefox on Linux', place: 'network', by: 1 })
        seen.push(notice.reminder)
        if (notice.reminder === 0) void world.advance(hour + 1)
        else if (notice.reminder === 1) void world.advance(23 * hour + 1)
        else return
      }
    })()
    await following
    stop.abort()
    expect(seen).to.deep.equal([0, 1, 2])
    expect(await collect(twin.owner().notices({}))).to.have.length(1)
    await world.advance(48 * hour)
    expect(await collect(twin.owner().notices({}))).to.deep.equal([])
  })

  it('that was not the owner is refused at once, with what it let in and the links it made', async () => {
    await pair(twin, { device: 1 })
    await twin.owner({ device: 9, level: 'trusted' }).trust({ number: 2 })
    const thief = twin.owner({ device: 2, level: 'trusted' })
    await pair(twin, { device: 2, level: 'trusted' })
    await thief.offer({})
    const answer = await twin.owner().notMe({ number: 2 })
    expect(answer.revoked).to.deep.equal([2, 3])
    expect(twin.list.isRevoked(2)).to.equal(true)
    expect(twin.list.isRevoked(3)).to.equal(true)
    expect(await collect(twin.owner().offers({}))).to.deep.equal([])
    expect(await collect(twin.owner().notices({}))).to.deep.equal([])
  })

  it('is not new any more after three days', async () => {
    await pair(twin)
    await world.advance(probationMs + 1)
    const late = await twin
      .owner()
      .notMe({ number: 2 })
      .catch(error => error)
    expect(late).to.include({ code: 'FailedPrecondition' })
    expect(late.message).to.match(/twin devices revoke/)
    expect(await codeOf(twin.owner().notMe({ number: 1 }))).to.equal('FailedPrecondition')
    expect(await codeOf(twin.owner().notMe({ number: 7 }))).to.equal('NotFound')
  })
})
