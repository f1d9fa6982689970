import { join } from 'node:path'
import { expect } from 'chai'
import { Level } from 'level'
import { createSpaces } from '../crdt/spaces/index.ts'
import { give, newTwin, openTwins, type TestReplica, textKind } from '../crdt/spaces/replicas.fixture.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { hitsOf, needlesOf, searchFolder } from './harness/scan.ts'
import { temporaryFolder } from './harness/twin.ts'

/** Made of parts, so that it stands in no source and in no compiled code. */
const marker = (): string => ['MARKED', process.pid, 'words', Math.random().toString(36).slice(2)].join('-')

describe('a member with the role replica', () => {
  it('keeps what others write and has no word of it on its disk, where a reader has', async () => {
    const { path, remove } = await temporaryFolder()
    const open = (name: string) =>
      new Level<string, Uint8Array>(join(path, name), { keyEncoding: 'utf8', valueEncoding: 'view' })
    const [author] = (await openTwins(1, { crypto: nodeCrypto() })) as [TestReplica]
    const others: TestReplica[] = []
    for (const name of ['replica', 'reader']) {
      const made = await newTwin({ crypto: nodeCrypto(), db: open(name), kinds: [textKind] })
      await made.init.directory.receive(author.twin, author.records)
      await author.init.directory.receive(made.twin, made.records)
      others.push({ ...made, spaces: await createSpaces(made.init) })
    }
    const words = marker()
    const members = others.map(({ twin }, index) => ({ twin, role: (['replica', 'reader'] as const)[index]! }))
    const space = await author.spaces.create({ kind: 'shared', name: 'notes', members })
    await space.write('text/paper', doc => doc.getText('text').insert(0, words))
    for (const other of others) {
      await give(author, other)
      await other.spaces.stop()
      await other.db.close()
    }
    const [replica, reader] = ['replica', 'reader'].map(name => searchFolder(join(path, name), needlesOf(words)))
    expect(replica!.bytes).to.be.greaterThan(1000)
    expect(hitsOf(reader!), 'the reader, who is the control').to.be.greaterThan(0)
    expect(hitsOf(replica!)).to.equal(0)
    await remove()
  })
})
