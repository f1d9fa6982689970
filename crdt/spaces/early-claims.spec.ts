import { expect } from 'chai'
import { Durability } from './durability.ts'
import type { DurableClaim } from './replica.ts'
import { exchange, give, openTwins, sharedSpace, type TestReplica } from './replicas.fixture.ts'
import type { SpaceContext } from './space-context.ts'

describe('a claim about entries that are not here yet', () => {
  /** An entry that is not with the late one, who is told of it, and what the holder claims. */
  async function early() {
    const [author, holder, late, liar] = await openTwins(4)
    const [space] = await sharedSpace([author!, holder!, late!, liar!])
    const { id } = space!
    await exchange(author!, holder!, late!, liar!)
    await space!.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
    await give(author!, holder!)
    const isHolders = ({ by }: DurableClaim) => by.twin === holder!.spaces.replica.self.twin
    const claims = holder!.spaces.replica.durable(id).filter(isHolders)
    expect(claims).to.have.length.greaterThan(0)
    const { replica } = late!.spaces
    const told = () => replica.durable(id).some(({ by, log }) => isAbout(by, log))
    const isAbout = (by: DurableClaim['by'], log: DurableClaim['log']) =>
      Buffer.compare(by.twin, holder!.twin) === 0 && Buffer.compare(log.twin, author!.twin) === 0
    const hear = (from: TestReplica, claims: readonly DurableClaim[]) =>
      replica.receiveDurable(id, claims, from.spaces.replica.self)
    const arrive = async () => {
      const believed = new Promise<void>(resolve => {
        replica.on('durable', () => {
          if (told()) resolve()
        })
      })
      const runs = []
      for await (const run of author!.spaces.replica.runs(id, author!.spaces.replica.self, 0)) {
        runs.push({ log: author!.spaces.replica.self, run })
      }
      await replica.receiveRuns(id, runs, author!.spaces.replica.self)
      await believed
    }
    return { author: author!, holder: holder!, liar: liar!, claims, told, hear, arrive }
  }

  it('is believed once they are, though nobody says it again', async () => {
    const { holder, claims, told, hear, arrive } = await early()
    await hear(holder, claims)
    expect(told()).to.equal(false)
    await arrive()
    expect(told()).to.equal(true)
  })

  it('is not hidden by one that somebody else made up, whichever comes first', async () => {
    const { author, holder, liar, claims, told, hear, arrive } = await early()
    const forged = claims.map(claim => ({ ...claim, seq: claim.seq + 1000, signature: new Uint8Array(64) }))
    await hear(liar, forged)
    await hear(holder, claims)
    await hear(author, claims)
    await hear(liar, forged)
    await arrive()
    expect(told()).to.equal(true)
  })

  it('is not crowded out by any number that somebody else made up', async () => {
    const { holder, liar, claims, told, hear, arrive } = await early()
    const [claim] = claims
    const many = Array.from({ length: 1000 }, (_, device) => ({
      ...claim!,
      log: { ...claim!.log, device: device + 2 }
    }))
    await hear(liar, many)
    await hear(holder, claims)
    await arrive()
    expect(told()).to.equal(true)
  })

  it('is kept when it cannot be looked at, as while the store is opened again', async () => {
    const [key, log] = [new Uint8Array(32), { durable: 0 }]
    let isOpen = true
    const hashAt = async (_log: unknown, seq: number) => {
      // The first was looked at before the store was closed
      if (!isOpen && seq > 3)
        throw Object.assign(new Error('Database is not open'), { code: 'LEVEL_DATABASE_NOT_OPEN' })
      return key
    }
    const durability = new Durability({
      id: key,
      logs: { find: () => log, hashAt },
      membership: { view: { numberOf: () => 1 } },
      directory: { get: () => ({ device: () => ({ certificate: { signing: key } }) }) },
      crypto: { verify: async () => true }
    } as unknown as SpaceContext)
    const [by, of] = [1, 2].map(device => ({ twin: key, device })) as [DurableClaim['by'], DurableClaim['log']]
    const claims = [3, 4].map(seq => ({ by: { ...by, device: seq }, log: of, seq, signature: new Uint8Array(64) }))
    expect(await durability.receive(claims, by)).to.deep.equal([])
    log.durable = 5
    isOpen = false
    expect(await durability.retry().catch(({ code }) => code)).to.equal('LEVEL_DATABASE_NOT_OPEN')
    expect(durability.hasEarly).to.equal(true)
    isOpen = true
    expect(await durability.retry()).to.deep.equal(claims)
    expect(durability.hasEarly).to.equal(false)
  })
})
