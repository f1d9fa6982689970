import { expect } from 'chai'
import { runRig } from './rigs/run-rig.fixture.ts'

describe('a whole twin under real faults', function () {
  this.timeout(180_000)

  it('loses nothing that was acknowledged to SIGKILL while values are put', async function () {
    const figures = await runRig('kill', ['--rounds', '0', '--twins', '2'])
    if (figures === undefined) return this.skip()
    expect(figures.get('acknowledged by the twin and lost')).equal(0)
    expect(figures.get('kills of a whole twin')).equal(2)
  })

  it('a full disk refuses the write, keeps what was acknowledged and recovers when there is room', async function () {
    const figures = await runRig('diskfull', ['--rounds', '0', '--twins', '1'])
    if (figures === undefined) return this.skip()
    expect(figures.get('acknowledged and lost')).equal(0)
    expect(figures.get('reads that failed while full')).equal(0)
  })
})
