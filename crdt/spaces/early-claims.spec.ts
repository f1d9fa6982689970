import { expect } from 'chai'
import type { DurableClaim } from './replica.ts'
import { exchange, give, openTwins, sharedSpace } from './replicas.fixture.ts'

describe('a claim about entries that are not here yet', () => {
  it('is believed once they are, though nobody says it again', async () => {
    const [author, holder, late] = await openTwins(3)
    const [space] = await sharedSpace([author!, holder!, late!])
    await exchange(author!, holder!, late!)
    await space!.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
    await give(author!, holder!)
    const isHolders = ({ by }: DurableClaim) => by.twin === holder!.spaces.replica.self.twin
    const claims = holder!.spaces.replica.durable(space!.id).filter(isHolders)
    expect(claims).to.have.length.greaterThan(0)
    const { replica } = late!.spaces
    const told = () => replica.durable(space!.id).some(({ by, log }) => isAbout(by, log))
    const isAbout = (by: DurableClaim['by'], log: DurableClaim['log']) =>
      Buffer.compare(by.twin, holder!.twin) === 0 && Buffer.compare(log.twin, author!.twin) === 0
    await replica.receiveDurable(space!.id, claims, holder!.spaces.replica.self)
    expect(told()).to.equal(false)
    const believed = new Promise<void>(resolve => {
      replica.on('durable', () => {
        if (told()) resolve()
      })
    })
    const { id } = space!
    const [head] = author!.spaces.replica.space(id)!.frontier()
    const runs = []
    for await (const run of author!.spaces.replica.runs(id, author!.spaces.replica.self, 0)) {
      runs.push({ log: author!.spaces.replica.self, run })
    }
    expect(head?.[2]).to.be.greaterThan(0)
    await replica.receiveRuns(id, runs, author!.spaces.replica.self)
    await believed
    expect(told()).to.equal(true)
  })
})
