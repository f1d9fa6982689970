import { expect } from 'chai'
import { runRig } from './rigs/run-rig.fixture.ts'

// Few rounds of each; CONTRIBUTING.md says how to run a thousand. Those that mount need root and are shown as pending elsewhere
describe('a store under real faults', function () {
  this.timeout(180_000)

  it('loses nothing that was acknowledged to SIGKILL at random moments and at crash points', async function () {
    const figures = await runRig('kill', ['--rounds', '4', '--twins', '0'])
    if (figures === undefined) return this.skip()
    expect(figures.get('acknowledged and lost')).equal(0)
    expect(figures.get('kills')).equal(4)
  })

  it('loses nothing that was acknowledged when the power is cut, and would without sync', async function () {
    const figures = await runRig('powercut', ['--rounds', '3'])
    if (figures === undefined) return this.skip()
    expect(figures.get('acknowledged and lost')).equal(0)
    expect(figures.get('lost by the control without sync')).greaterThan(0)
  })

  it('on a full disk refuses, reads on, keeps what was acknowledged and works again when there is room', async function () {
    const figures = await runRig('diskfull', ['--rounds', '2', '--twins', '0'])
    if (figures === undefined) return this.skip()
    expect(figures.get('acknowledged and lost')).equal(0)
    expect(figures.get('works again after, slowest')).lessThan(5000)
  })

  it('a rig ends with 1 when something was lost', async () => {
    const figures = await runRig('kill', ['--rounds', '4', '--twins', '0', '--control', 'early'], 1)
    expect(figures?.get('acknowledged and lost')).greaterThan(0)
  })
})
