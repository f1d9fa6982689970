/** What any kv must show of values that are blobs. */
import { expect } from 'chai'
import type { KvWorld } from './compliance.ts'
import { all, codeOf } from './compliance-steps.ts'

export function blobCompliance(world: () => KvWorld): void {
  it('a value of any size is a blob, and stands where others do', async () => {
    const blob = await world().putFile('garden.txt')
    const { version } = await world().ann.putBlob({ key: 'photo', blob })
    expect(await world().ann.get({ key: 'photo' })).to.deep.include({ value: new Uint8Array(), blob, version })
    expect((await all(world().ann.list({})))[0]).to.deep.include({ key: 'photo', blob })
    expect(await codeOf(world().ann.putBlob({ key: 'photo', blob, expected: '' }))).to.equal('FailedPrecondition')
    await world().ann.put({ key: 'photo', value: 1, expected: version })
    expect((await world().ann.get({ key: 'photo' })).blob).to.equal(undefined)
  })

  it('a blob that is not stored here, or whose name leads somewhere, is refused', async () => {
    const blob = await world().putFile('garden.txt')
    const put = (change: object) => world().ann.putBlob({ key: 'photo', blob: { ...blob, ...change } })
    expect(await codeOf(put({ address: '00'.repeat(32) }))).to.equal('FailedPrecondition')
    expect(await codeOf(put({ name: '../garden.txt' }))).to.equal('InvalidArgument')
    expect(await codeOf(world().ann.get({ key: 'photo' }))).to.equal('NotFound')
  })
}
