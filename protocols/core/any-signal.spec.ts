import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { anySignal, withSignal } from './any-signal.ts'

describe('anySignal()', () => {
  it('aborts with the reason of the first, also of one that was aborted before', () => {
    const [one, other] = [new AbortController(), new AbortController()]
    const signal = anySignal(one.signal, other.signal)
    expect(signal.aborted).equal(false)
    other.abort('why')
    one.abort('too late')
    expect(signal.reason).equal('why')
    expect(anySignal(other.signal, new AbortController().signal).reason).equal('why')
  })

  it('fires at a time limit that nothing else holds, whatever the collector does', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const signal = anySignal(AbortSignal.timeout(50), new AbortController().signal)
    collect()
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    expect(signal.reason).property('name', 'TimeoutError')
  })

  it('withSignal() leaves nothing at its sources when what it ran is over, well or not', async () => {
    const source = new AbortController().signal
    const left: AbortSignal[] = []
    const { addEventListener } = source
    source.addEventListener = (...args: [string, unknown, { signal: AbortSignal }]) => {
      left.push(args[2].signal)
      addEventListener.apply(source, args as unknown as Parameters<typeof addEventListener>)
    }
    expect(await withSignal([source], async signal => signal.aborted)).equal(false)
    const failed = withSignal([source], () => Promise.reject(new Error('No')))
    expect(await failed.catch((error: Error) => error.message)).equal('No')
    // A listener goes with the signal it was added under
    expect(left.map(({ aborted }) => aborted)).deep.equal([true, true])
  })
})
