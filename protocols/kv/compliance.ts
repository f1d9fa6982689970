/** What any kv must show, written against its client: two twins who are contacts, however they are connected. */
import { expect } from 'chai'
import { blobCompliance } from './compliance-blobs.ts'
import { all, arrives, codeOf, type KvClient, leaves, writeUntil } from './compliance-steps.ts'
import { type KvItem, type KvValue, maxBatch, maxValueBytes } from './protocol.ts'

export interface KvWorld {
  readonly ann: KvClient
  readonly ben: KvClient
  /** What each is called by the other */
  readonly annName: string
  readonly benName: string
  /** Stores a small file of this name at Ann's, as `blobs.put` does */
  putFile(name: string): Promise<NonNullable<KvItem['blob']>>
  stop(): Promise<void>
}

export default function kvCompliance(setup: () => Promise<KvWorld>): void {
  let world: KvWorld
  let ann: KvClient
  let ben: KvClient

  beforeEach(async () => {
    world = await setup()
    ann = world.ann
    ben = world.ben
  })
  afterEach(() => world.stop())

  describe('values of any size', () => blobCompliance(() => world))

  describe('values', () => {
    it('get() answers NotFound for a missing key', async () => {
      expect(await codeOf(ann.get({ key: 'colour' }))).to.equal('NotFound')
    })

    it('get() returns what put() stored, JSON of every shape and bytes', async () => {
      const values: KvValue[] = [
        'red',
        '',
        0,
        -1.5,
        true,
        null,
        [],
        {},
        { a: [1, { b: null }] },
        new Uint8Array([0, 255])
      ]
      for (const value of values) {
        const { version } = await ann.put({ key: 'colour', value })
        const item = await ann.get({ key: 'colour' })
        expect(item.value).to.deep.equal(value)
        expect(item.version).to.equal(version)
      }
    })

    it('put() gives every write another version', async () => {
      const versions = new Set<string>()
      for (let i = 0; i < 5; i++) versions.add((await ann.put({ key: 'colour', value: 'red' })).version)
      expect(versions.size).to.equal(5)
    })

    it('put() over an expected version writes when it stands there and refuses when another does', async () => {
      const first = await ann.put({ key: 'colour', value: 'red', expected: '' })
      expect(await codeOf(ann.put({ key: 'colour', value: 'blue', expected: '' }))).to.equal('FailedPrecondition')
      const second = await ann.put({ key: 'colour', value: 'green', expected: first.version })
      expect(await codeOf(ann.put({ key: 'colour', value: 'blue', expected: first.version }))).to.equal(
        'FailedPrecondition'
      )
      expect(await ann.get({ key: 'colour' })).to.include({ value: 'green', version: second.version })
    })

    it('put() lets one of many writers win who expect the same version', async () => {
      const { version } = await ann.put({ key: 'colour', value: 'red' })
      const tries = Array.from({ length: 8 }, (_, i) => codeOf(ann.put({ key: 'colour', value: i, expected: version })))
      const codes = await Promise.all(tries)
      expect(codes.filter(code => code === 'none')).to.have.length(1)
      expect(codes.filter(code => code === 'FailedPrecondition')).to.have.length(7)
    })

    it('delete() removes a value and says whether there was one', async () => {
      await ann.put({ key: 'colour', value: 'red' })
      expect(await ann.delete({ key: 'colour' })).to.deep.equal({ key: 'colour', deleted: true })
      expect(await codeOf(ann.get({ key: 'colour' }))).to.equal('NotFound')
      expect(await ann.delete({ key: 'colour' })).to.deep.equal({ key: 'colour', deleted: false })
      expect(await codeOf(ann.delete({ key: 'colour', expected: '1-1-1' }))).to.equal('FailedPrecondition')
    })

    it('a value may have 64 KiB and not one byte more', async () => {
      await ann.put({ key: 'bytes', value: new Uint8Array(maxValueBytes) })
      await ann.put({ key: 'text', value: 'x'.repeat(maxValueBytes - 2) })
      expect(await codeOf(ann.put({ key: 'text', value: 'x'.repeat(maxValueBytes - 1) }))).to.equal('TooLarge')
      expect(await codeOf(ann.put({ key: 'bytes', value: new Uint8Array(maxValueBytes + 1) }))).to.equal(
        'InvalidArgument'
      )
      expect((await ann.get({ key: 'text' })).value).to.have.length(maxValueBytes - 2)
    })

    it('a key has 1 to 512 bytes of UTF-8 without control characters', async () => {
      for (const key of ['k', 'ü'.repeat(256), 'a b', '/../x']) await ann.put({ key, value: 1 })
      for (const key of ['', 'ü'.repeat(257), 'a\nb', 'a\u0000', '\u0085']) {
        expect(await codeOf(ann.put({ key, value: 1 })), JSON.stringify(key)).to.equal('InvalidArgument')
      }
    })
  })

  describe('many values', () => {
    const keys = Array.from({ length: 40 }, (_, i) => `item/${String(i).padStart(3, '0')}`)

    it('list() returns values in the order of their keys, page by page', async () => {
      await ann.batch({ ops: [...keys].reverse().map(key => ({ type: 'put', key, value: key })) })
      await ann.put({ key: 'other', value: 1 })
      expect((await all(ann.list({ prefix: 'item/' }))).map(({ key }) => key)).to.deep.equal(keys)
      const paged: string[] = []
      for (let after: string | undefined; ; after = paged.at(-1)) {
        const page = await all(ann.list({ prefix: 'item/', after, limit: 7 }))
        paged.push(...page.map(({ key }) => key))
        if (page.length < 7) break
      }
      expect(paged).to.deep.equal(keys)
      expect(await all(ann.list({}))).to.have.length(keys.length + 1)
    })

    it('batch() does puts and deletes and answers in their order', async () => {
      await ann.put({ key: 'old', value: 1 })
      const { results } = await ann.batch({
        ops: [
          { type: 'put', key: 'new', value: 2 },
          { type: 'delete', key: 'old' }
        ]
      })
      expect(results.map(({ key }) => key)).to.deep.equal(['new', 'old'])
      expect(results[0]!.version).to.equal((await ann.get({ key: 'new' })).version)
      expect(await codeOf(ann.get({ key: 'old' }))).to.equal('NotFound')
    })

    it('batch() takes 512 operations and refuses an expectation that fails', async () => {
      const ops = Array.from({ length: maxBatch }, (_, i) => ({ type: 'put' as const, key: `k${i}`, value: i }))
      await ann.batch({ ops })
      expect(await all(ann.list({ prefix: 'k' }))).to.have.length(maxBatch)
      expect(await codeOf(ann.batch({ ops: [...ops, ops[0]!] }))).to.equal('InvalidArgument')
      const failing = [{ type: 'put' as const, key: 'k0', value: 'no', expected: '' }]
      expect(await codeOf(ann.batch({ ops: failing }))).to.equal('FailedPrecondition')
      expect((await ann.get({ key: 'k0' })).value).to.equal(0)
    })

    it('watch() streams puts and deletes under a prefix', async () => {
      const changes = ann.watch({ prefix: 'a' })[Symbol.asyncIterator]()
      const first = changes.next()
      // A stream begins when the service sees it, which an answer to a later call does not prove: write until it is seen
      const stop = await writeUntil(first, i => ann.put({ key: 'a1', value: i }))
      expect((await first).value).to.include({ type: 'put', key: 'a1' })
      await stop
      await ann.put({ key: 'b', value: 1 })
      await ann.delete({ key: 'a1' })
      let change = await changes.next()
      while (change.value.type === 'put') {
        expect(change.value.key).to.equal('a1')
        change = await changes.next()
      }
      expect(change.value).to.deep.equal({ type: 'delete', key: 'a1' })
      await changes.return?.()
    })
  })

  describe('namespaces', () => {
    it('a value is in one namespace only', async () => {
      await ann.put({ key: 'colour', value: 'red', space: 'house' })
      expect(await codeOf(ann.get({ key: 'colour' }))).to.equal('NotFound')
      expect((await ann.get({ key: 'colour', space: 'house' })).value).to.equal('red')
      expect((await all(ann.namespaces({}))).map(({ name }) => name)).to.deep.equal(['default', 'house'])
    })

    it('a name that is not one is refused, and so are the twin\u2019s own', async () => {
      for (const space of ['.contacts', 'a b', '-', 'x'.repeat(64), 'ü']) {
        expect(await codeOf(ann.put({ key: 'k', value: 1, space })), space).to.equal('InvalidArgument')
      }
    })

    it('reading one that was never written finds nothing', async () => {
      expect(await all(ann.list({ space: 'nowhere' }))).to.deep.equal([])
      expect((await all(ann.namespaces({}))).map(({ name }) => name)).to.deep.equal(['default'])
    })
  })

  describe('sharing', () => {
    it('share() moves what is there, and naming it is accepting it', async () => {
      await ann.put({ key: 'colour', value: 'red', space: 'house' })
      const shared = await ann.share({ namespace: 'house', who: world.benName })
      expect(shared.members.map(({ name }) => name)).to.deep.equal([world.benName])
      expect((await ann.get({ key: 'colour', space: 'house' })).value).to.equal('red')
      expect((await ben.get({ key: 'colour', space: `${world.annName}/house` })).value).to.equal('red')
      expect(await all(ben.offers({}))).to.deep.equal([])
    })

    it('accept() takes an offer by its name, and both see it among their namespaces', async () => {
      await ann.share({ namespace: 'house', who: world.benName })
      const name = `${world.annName}/house`
      expect((await ben.accept({ name })).name).to.equal(name)
      const own = (await all(ann.namespaces({}))).find(item => item.name === 'house')
      const received = (await all(ben.namespaces({}))).find(item => item.name === name)
      expect(own).to.include({ kind: 'shared' })
      expect(received).to.include({ kind: 'received' })
    })

    it('both write, and what one writes the other sees', async () => {
      await ann.share({ namespace: 'house', who: world.benName })
      const space = `${world.annName}/house`
      await ben.accept({ name: space })
      await ben.put({ key: 'from-ben', value: 1, space })
      await arrives(ann, { key: 'from-ben', space: 'house' })
      expect((await ann.get({ key: 'from-ben', space: 'house' })).value).to.equal(1)
      await ann.put({ key: 'from-ann', value: 2, space: 'house' })
      await arrives(ben, { key: 'from-ann', space })
      expect((await ben.get({ key: 'from-ann', space })).value).to.equal(2)
      await ben.delete({ key: 'from-ann', space })
      await leaves(ann, { key: 'from-ann', space: 'house' })
    })

    it('share() loses nothing that is written meanwhile', async () => {
      await ann.put({ key: 'k0', value: 'before', space: 'house' })
      const writes = Array.from({ length: 100 }, (_, i) => ann.put({ key: `k${i}`, value: i, space: 'house' }))
      const sharing = ann.share({ namespace: 'house', who: world.benName })
      const more = Array.from({ length: 100 }, (_, i) => ann.put({ key: `m${i}`, value: i, space: 'house' }))
      await Promise.all([...writes, sharing, ...more])
      expect(await all(ann.list({ space: 'house' }))).to.have.length(200)
    })

    it('share() twice is sharing once', async () => {
      await ann.share({ namespace: 'house', who: world.benName })
      const again = await ann.share({ namespace: 'house', who: world.benName })
      expect(again.members).to.have.length(1)
      await ben.accept({ name: `${world.annName}/house` })
      expect((await all(ben.namespaces({}))).filter(({ kind }) => kind === 'received')).to.have.length(1)
    })

    it('only contacts are shared with, and only what was made here', async () => {
      expect(await codeOf(ann.share({ namespace: 'house', who: 'Nobody' }))).to.equal('NotFound')
      const received = `${world.benName}/house`
      expect(await codeOf(ann.share({ namespace: received, who: world.benName }))).to.equal('FailedPrecondition')
      expect(await codeOf(ann.accept({ name: 'house' }))).to.equal('InvalidArgument')
      expect(await codeOf(ann.get({ key: 'k', space: 'Nobody/house' }))).to.equal('NotFound')
    })
  })
}
