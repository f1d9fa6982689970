import type { Connection, Stream } from '@libp2p/interface'
import { expect } from 'chai'
import { countHeld } from '../../protocols/streams/index.ts'
import { BufferWatch } from './buffer-watch.ts'
import { ByteBudget } from './index.ts'

describe('buffer watch', () => {
  /** A stream as the watch sees it: what it holds, and why it was aborted. */
  const stream = (readBufferLength: number, writeBufferLength: number) => {
    const self = {
      readBufferLength,
      writeBufferLength,
      reason: '',
      abort: (error: Error) => (self.reason = error.name)
    }
    return self
  }
  const watching = (limit: number, streams: ReturnType<typeof stream>[]) => {
    const budget = new ByteBudget(limit)
    const connections = () => [{ streams }] as unknown as Connection[]
    return { budget, watch: new BufferWatch(connections, budget, 3_600_000) }
  }

  it('aborts the stream that holds most when all together hold too much', () => {
    const streams = [stream(10, 0), stream(30, 40), stream(0, 25)]
    const { budget, watch } = watching(100, streams)
    watch.look()
    expect(streams.map(({ reason }) => reason)).to.deep.equal(['', 'ByteBudgetError', ''])
    expect(budget.used).to.equal(35)
    watch.stop()
  })

  it('counts what a carrier and the kernel hold for a stream', () => {
    const streams = [stream(10, 0), stream(5, 0)]
    const { budget, watch } = watching(100, streams)
    const [first] = streams as unknown as Stream[]
    countHeld(first!, () => 60)
    countHeld(first!, () => 20)
    watch.look()
    expect(budget.used).to.equal(95)
    countHeld(first!, () => 10)
    watch.look()
    expect(streams.map(({ reason }) => reason)).to.deep.equal(['ByteBudgetError', ''])
    expect(budget.used).to.equal(5)
    watch.stop()
  })

  it('follows what streams hold, and forgets those that ended', () => {
    const streams = [stream(10, 0), stream(0, 20)]
    const { budget, watch } = watching(100, streams)
    watch.look()
    expect(budget.used).to.equal(30)
    Object.assign(streams[0] ?? {}, { readBufferLength: 0 })
    watch.look()
    expect(budget.used).to.equal(20)
    streams.length = 0
    watch.look()
    expect(budget.used).to.equal(0)
    watch.stop()
  })
})
