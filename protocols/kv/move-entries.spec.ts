import { expect } from 'chai'
import { encode } from '../../crdt/crypto/index.ts'
import type { KeyValue } from '../../crdt/key-value/index.ts'
import { openTwins, type TestReplica } from '../../crdt/spaces/replicas.fixture.ts'
import { type Content, contentOf } from './content.ts'
import { copyContent, removeCopied } from './move-entries.ts'

describe('moving entries', () => {
  let twin: TestReplica
  let from: Content
  let to: Content
  let source: KeyValue
  let target: KeyValue
  before(async () => {
    twin = (await openTwins(1))[0]!
    ;[from, to] = [contentOf(twin.spaces.self, 'from'), contentOf(twin.spaces.self, 'to')]
    ;[source, target] = [from.entries, to.entries]
  })
  after(() => twin.spaces.stop())

  it('keeps their times, and leaves what comes in while they are removed', async () => {
    await source.put('moved', encode('old'))
    await source.put('written', encode('old'))
    const times = [await source.get('moved'), await source.get('written')].map(entry => entry?.at)
    await copyContent(from, to)
    expect([await target.get('moved'), await target.get('written')].map(entry => entry?.at)).to.deep.equal(times)
    const raced: Pick<KeyValue, 'list' | 'get' | 'delete'> = {
      get: key => source.get(key),
      async *list() {
        for await (const entry of source.list()) {
          // Behind the look at what is there, before it is removed
          if (entry.key === 'written') await source.put('written', encode('new'))
          yield entry
        }
      },
      delete: (key, options) => source.delete(key, options)
    }
    await removeCopied({ ...from, entries: raced }, to)
    expect(await source.get('moved')).to.equal(undefined)
    expect((await source.get('written'))?.value).to.deep.equal(encode('new'))
  })
})
