import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { MeshProcesses } from './harness/mesh.ts'
import type { TwinProcess } from './harness/twin.ts'

interface Message {
  readonly text: string
}
interface Status {
  readonly warnings: readonly { readonly code: string; readonly next?: string }[]
}

describe('a twin of which only the 24 words are left', function () {
  this.timeout(300_000)
  let mesh: MeshProcesses
  let lost: TwinProcess
  let friends: TwinProcess[]
  let kit: string

  before('three twins; the one between the others talks with both, as who decides and as who does not', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    const twins = await mesh.addTwins(3)
    const [low, middle, high] = [...twins].sort((a, b) => (a.id < b.id ? -1 : 1)) as [
      TwinProcess,
      TwinProcess,
      TwinProcess
    ]
    lost = middle
    friends = [low, high]
    for (const friend of friends) {
      const { link } = await friend.object<{ link: string }>('invite')
      await lost.object('contacts', 'add', link)
      await lost.object('chat', 'send', friend.id, 'from before')
      await read(friend, lost.id, 'from before')
      await friend.object('chat', 'send', lost.id, 'answer')
      await read(lost, friend.id, 'from before', 'answer')
    }
    kit = join(mesh.folder, 'kit.txt')
    await cp(join(lost.home, 'recovery-kit.txt'), kit)
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  const read = async (twin: TwinProcess, who: string, ...texts: string[]): Promise<void> => {
    const lines = await twin.eventually<Message>(['chat', 'history', who], all => all.length >= texts.length)
    expect(lines.map(({ text }) => text)).deep.equal(texts)
  }

  it('has its conversations again as each contact is met, and goes on with them', async () => {
    await lost.stop('SIGKILL')
    await rm(lost.home, { recursive: true })
    const back = mesh.newTwin()
    const made = await back.object<{ id: string; others: number }>('restore', '--alone', '--kit', kit, '--no-mdns')
    expect(made).deep.include({ id: lost.id, others: 0 })
    await back.start()
    await back.object('resume')
    expect(await back.list('contacts', 'list')).deep.equal([])
    for (const friend of friends) {
      await back.object('contacts', 'add', friend.id)
      await read(back, friend.id, 'from before', 'answer')
      await back.object('chat', 'send', friend.id, 'I am back')
      await read(friend, back.id, 'from before', 'answer', 'I am back')
      await friend.object('chat', 'send', back.id, 'welcome')
      await read(back, friend.id, 'from before', 'answer', 'I am back', 'welcome')
    }
    const former = async () => (await back.object<Status>('status')).warnings.find(({ code }) => code === 'former')
    expect((await former())?.next).match(/twin devices revoke 1$/)
    await back.object('devices', 'revoke', '1')
    expect(await former()).equal(undefined)
    for (const twin of [back, ...friends]) {
      const { warnings } = await twin.object<Status>('status')
      expect(warnings.filter(({ code }) => ['fork', 'device-list', 'keys'].includes(code))).deep.equal([])
    }
    await back.stop()
    await back.start()
    for (const friend of friends) {
      await friend.object('chat', 'send', back.id, 'still there')
      await read(back, friend.id, 'from before', 'answer', 'I am back', 'welcome', 'still there')
    }
  })
})
