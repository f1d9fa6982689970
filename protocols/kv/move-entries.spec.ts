import { expect } from 'chai'
import { encode } from '../../crdt/crypto/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { openTwins, type TestReplica } from '../../crdt/spaces/replicas.fixture.ts'
import { copyEntries, removeCopied } from './move-entries.ts'

describe('moving entries', () => {
  let twin: TestReplica
  let source: KeyValue
  let target: KeyValue
  before(async () => {
    twin = (await openTwins(1))[0]!
    source = keyValue(twin.spaces.self, 'from')
    target = keyValue(twin.spaces.self, 'to')
  })
  after(() => twin.spaces.stop())

  it('keeps their times, and leaves what comes in while they are removed', async () => {
    await source.put('moved', encode('old'))
    await source.put('written', encode('old'))
    const times = [await source.get('moved'), await source.get('written')].map(entry => entry?.at)
    await copyEntries(source, target)
    expect([await target.get('moved'), await target.get('written')].map(entry => entry?.at)).to.deep.equal(times)
    const raced: Pick<KeyValue, 'list' | 'delete'> = {
      async *list() {
        for await (const entry of source.list()) {
          // Behind the look at what is there, before it is removed
          if (entry.key === 'written') await source.put('written', encode('new'))
          yield entry
        }
      },
      delete: (key, options) => source.delete(key, options)
    }
    await removeCopied(raced, target)
    expect(await source.get('moved')).to.equal(undefined)
    expect((await source.get('written'))?.value).to.deep.equal(encode('new'))
  })
})
