import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { BlobFiles } from '../node/blob-files.ts'
import { restoreBlobs } from '../node/recovery/backup-blobs.ts'
import { type BackedUpBlobs, backUpBlobs, checkBlobs } from '../node/recovery/index.ts'
import { type FixtureTwin, meet, World } from '../protocols/twins.fixture.ts'

async function backUp(twin: FixtureTwin, folder: string): Promise<BackedUpBlobs> {
  const copying = backUpBlobs(twin.blobsHere, folder, new AbortController().signal)
  for (;;) {
    const next = await copying.next()
    if (next.done === true) return next.value
  }
}

describe('attached files in a backup', function () {
  this.timeout(30_000)
  let world: World
  let folder: string
  let ann: FixtureTwin
  let ben: FixtureTwin
  const send = async (text: string) => {
    const reference = await ann.putFile(text)
    await ann.chat.send({ who: 'Ben', text, attachments: [reference] })
    return reference
  }

  beforeEach(async () => {
    world = new World()
    folder = await mkdtemp(join(tmpdir(), 'backup-blobs-'))
    ann = await world.add('Ann')
    ben = await world.add('Ben')
    await meet(ann, ben)
  })
  afterEach(async () => {
    await world.stop()
    await rm(folder, { recursive: true })
  })

  it('are copied sealed, only what is new the next time, and bring the same bytes elsewhere', async () => {
    const first = await send('first.txt')
    expect(await backUp(ann, folder)).to.deep.include({ count: 1, added: 1, missing: [] })
    const path = join(folder, 'blobs', first.address)
    const { mtimeMs } = await stat(path)
    expect((await readFile(path)).includes('What is in')).to.equal(false)
    const second = await send('second.txt')
    expect(await backUp(ann, folder)).to.deep.include({ count: 2, added: 1, missing: [] })
    expect((await stat(path)).mtimeMs).to.equal(mtimeMs)
    expect(await backUp(ann, folder)).to.deep.include({ count: 2, added: 0, bytes: 0 })
    expect(await checkBlobs(folder)).to.equal(2)
    const elsewhere = join(folder, 'elsewhere')
    expect(await restoreBlobs(folder, elsewhere)).to.equal(2)
    const store = await BlobFiles.open(elsewhere)
    for (const { address } of [first, second]) {
      const [copy, own] = [(await store.open(address))!, (await ann.blobsHere.open(address))!]
      expect(copy.manifest).to.deep.equal(own.manifest)
      expect(await copy.read(0)).to.deep.equal(await own.read(0))
      await copy.close()
      await own.close()
    }
    expect(await restoreBlobs(folder, elsewhere)).to.equal(0)
  })

  it('that are not on this machine are named as missing, and are copied once they are', async () => {
    const { address } = await send('far.txt')
    await ann.blobStore.setAside(address)
    expect(await backUp(ann, folder)).to.deep.equal({ count: 0, added: 0, bytes: 0, missing: ['far.txt'] })
    await ann.blobStore.bringBack(address)
    expect(await backUp(ann, folder)).to.deep.include({ count: 1, added: 1, missing: [] })
  })

  it('that were changed in the backup are named, and are not restored', async () => {
    const { address } = await send('spoilt.txt')
    await backUp(ann, folder)
    const path = join(folder, 'blobs', address)
    const bytes = await readFile(path)
    bytes[3]! ^= 1
    await writeFile(path, bytes)
    const message = `The file ${address} of the backup is damaged`
    const refused = (attempt: Promise<unknown>) =>
      attempt.then(
        () => 'taken',
        (error: Error) => error.message
      )
    expect(await refused(checkBlobs(folder))).to.equal(message)
    expect(await refused(restoreBlobs(folder, join(folder, 'elsewhere')))).to.equal(message)
    expect(await readdir(join(folder, 'elsewhere'))).to.deep.equal([])
  })

  it('that were broken off while they were copied are copied anew', async () => {
    const { address } = await send('again.txt')
    const copies = await BlobFiles.open(join(folder, 'blobs'))
    const draft = await copies.draft(address)
    await draft.write(0, new Uint8Array(1000))
    await draft.close()
    expect(await backUp(ann, folder)).to.deep.include({ count: 1, added: 1, missing: [] })
    expect(await checkBlobs(folder)).to.equal(1)
  })
})
