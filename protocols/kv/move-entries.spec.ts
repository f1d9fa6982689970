import { expect } from 'chai'
import { encode } from '../../crdt/crypto/index.ts'
import type { KeyValue } from '../../crdt/key-value/index.ts'
import { openTwins, type TestReplica } from '../../crdt/spaces/replicas.fixture.ts'
import { type Content, contentOf } from './content.ts'
import { copyContent, removeCopied, settle } from './move-entries.ts'

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

  it('takes out a copy of what was deleted later, and leaves what was written in the place itself', async () => {
    const { self } = twin.spaces
    const [other, place] = [contentOf(self, 'other'), contentOf(self, 'place')]
    await other.entries.put('copied', encode('old'), { at: 1000 })
    await other.entries.put('own', encode('another'), { at: 1500 })
    await other.deletions.put('deleted', new Uint8Array(), { at: 2000 })
    // Copied by one that knew nothing of the deletions, which another knew
    for (const key of ['copied', 'own', 'deleted']) {
      await place.entries.put(key, encode('old'), { at: 1000 })
      await place.deletions.put(key, new Uint8Array(), { at: 2000 })
      await settle(key, place, [other])
    }
    const left: string[] = []
    for await (const { key } of place.entries.list()) left.push(key)
    expect(left).to.deep.equal(['own'])
  })
})
