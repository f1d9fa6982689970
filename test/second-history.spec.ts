import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { becomeContacts, MeshProcesses } from './harness/mesh.ts'
import type { TwinProcess } from './harness/twin.ts'

interface Message {
  readonly text: string
}
interface Status {
  readonly warnings: readonly { readonly code: string; readonly next?: string }[]
}

describe('a store that was put back and shown before anybody knew', function () {
  this.timeout(300_000)
  let mesh: MeshProcesses
  let ann: TwinProcess
  let ben: TwinProcess
  let cleo: TwinProcess

  before('three twins in one group', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    ;[ann, ben, cleo] = (await mesh.addTwins(3)) as [TwinProcess, TwinProcess, TwinProcess]
    await Promise.all([becomeContacts(ann, ben), becomeContacts(ben, cleo), becomeContacts(cleo, ann)])
    await ann.object('chat', 'group', 'create', 'Trip', ben.id, cleo.id)
    await ann.object('chat', 'send', 'Trip', 'begin')
    await Promise.all([ben, cleo].map(twin => read(twin, 1)))
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  const read = async (twin: TwinProcess, count: number): Promise<string[]> => {
    const lines = await twin.eventually<Message>(['chat', 'history', 'Trip'], all => all.length === count)
    return lines.map(({ text }) => text).sort()
  }

  it('goes on as a new device that has both histories, and so has everybody', async () => {
    const copy = join(mesh.folder, 'older')
    const store = join(ann.home, 'store')
    await ann.stop()
    await cp(store, copy, { recursive: true })
    await cleo.stop()
    await ann.start()
    await ann.object('chat', 'send', 'Trip', 'seen by Ben')
    await read(ben, 2)
    await ann.stop()
    await ben.stop()
    await rm(store, { recursive: true })
    await cp(copy, store, { recursive: true })

    await cleo.start()
    await ann.start()
    await ann.object('chat', 'send', 'Trip', 'seen by Cleo')
    await read(cleo, 2)
    await ben.start()
    const status = async () => (await ann.object<Status>('status')).warnings.find(({ code }) => code === 'fork')
    await ann.eventually<Status>(['status'], all =>
      all.some(({ warnings }) => warnings.some(({ code }) => code === 'fork'))
    )
    expect((await status())?.next).contain('twin restore --from')
    const refused = await ann.run(['chat', 'send', 'Trip', 'more', '--json'])
    expect(refused.code).not.equal(0)
    await ann.stop()
    await ann.start()
    expect(await status()).not.equal(undefined)
    await ann.stop()

    const former = ann
    ann = mesh.newTwin()
    const kit = join(former.home, 'recovery-kit.txt')
    const made = await ann.object<{ id: string; device: string }>(
      ...['restore', '--from', former.home, '--kit', kit, '--no-mdns']
    )
    expect(made.id).equal(former.id)
    await ann.start()
    await ann.object('resume')
    await ann.object('chat', 'send', 'Trip', 'goes on')
    const all = ['begin', 'goes on', 'seen by Ben', 'seen by Cleo']
    for (const twin of [ann, ben, cleo]) expect(await read(twin, all.length)).deep.equal(all)
    expect(await status()).equal(undefined)
  })
})
