import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { anySignal } from './any-signal.ts'

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
})
