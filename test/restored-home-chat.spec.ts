import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { becomeContacts, MeshProcesses } from './harness/mesh.ts'
import type { TwinProcess } from './harness/twin.ts'

interface Message {
  readonly text: string
  readonly state: string
}

const arrived = ['their-twin', 'opened']

describe('conversations of a home that goes on as a new device', function () {
  this.timeout(300_000)
  let mesh: MeshProcesses
  let ann: TwinProcess
  let ben: TwinProcess
  let cleo: TwinProcess

  before('three friends in one group, two of whom talk alone as well', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    ;[ann, ben, cleo] = (await mesh.addTwins(3)) as [TwinProcess, TwinProcess, TwinProcess]
    await Promise.all([becomeContacts(ann, ben), becomeContacts(ben, cleo), becomeContacts(cleo, ann)])
    await ann.object('chat', 'group', 'create', 'Trip', ben.id, cleo.id)
    await say('on the disk')
    await ben.object('chat', 'send', ann.id, 'alone: answer on the disk')
    await expectShown(alone(), ['alone: on the disk', 'alone: answer on the disk'])
    await expectShown(together(ann, ben, cleo), ['group: on the disk'])
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  const alone = () =>
    [
      [ann, ben.id],
      [ben, ann.id]
    ] as const
  const together = (...twins: TwinProcess[]) => twins.map(twin => [twin, 'Trip'] as const)

  /** Ann says it to Ben alone and in the group. */
  async function say(text: string): Promise<void> {
    await ann.object('chat', 'send', ben.id, `alone: ${text}`)
    await ann.object('chat', 'send', 'Trip', `group: ${text}`)
  }

  /** Everybody sees each once, and the ladder of each says that it arrived. */
  async function expectShown(
    sides: readonly (readonly [TwinProcess, string])[],
    texts: readonly string[]
  ): Promise<void> {
    await Promise.all(
      sides.map(async ([twin, who]) => {
        const isThere = (lines: Message[]) =>
          lines.length >= texts.length && lines.every(({ state }) => arrived.includes(state))
        const lines = await twin.eventually<Message>(['chat', 'history', who], isThere)
        expect(lines.map(({ text }) => text).sort(), `${who} at ${twin.home}`).deep.equal([...texts].sort())
      })
    )
  }

  it('has what was on the disk, what only others had, what only the disk had and what is new, each once everywhere', async () => {
    const copy = join(mesh.folder, 'older')
    const store = join(ann.home, 'store')
    await ann.stop()
    await cp(store, copy, { recursive: true })
    await ann.start()
    await say('not on the disk')
    await ben.object('chat', 'send', ann.id, 'alone: answer not on the disk')
    await ben.object('chat', 'send', 'Trip', 'group: answer not on the disk')
    await expectShown(together(cleo), ['group: on the disk', 'group: not on the disk', 'group: answer not on the disk'])
    await expectShown(alone(), [
      ...['alone: on the disk', 'alone: answer on the disk'],
      ...['alone: not on the disk', 'alone: answer not on the disk']
    ])
    await Promise.all([ann, ben, cleo].map(twin => twin.stop()))

    // Set back, and nobody there: what is written then is seen by nobody
    await rm(store, { recursive: true })
    await cp(copy, store, { recursive: true })
    await ann.start()
    await say('on this disk only')
    await ann.stop()

    const former = ann
    ann = mesh.newTwin()
    const kit = join(former.home, 'recovery-kit.txt')
    await ann.object('restore', '--from', former.home, '--kit', kit, '--no-mdns')
    await ben.start()
    await ann.start()
    await ann.object('resume')
    await say('written after')
    await ben.object('chat', 'send', ann.id, 'alone: answer after')
    // Who was off all the while
    await cleo.start()
    await cleo.eventually(['chat', 'send', 'Trip', 'group: and me'], lines => lines.length === 1)
    const direct = [
      ...['on the disk', 'not on the disk', 'on this disk only', 'written after'],
      ...['answer on the disk', 'answer not on the disk', 'answer after']
    ].map(text => `alone: ${text}`)
    const group = [
      ...['on the disk', 'not on the disk', 'on this disk only', 'written after'],
      ...['answer not on the disk', 'and me']
    ].map(text => `group: ${text}`)
    await expectShown(alone(), direct)
    await expectShown(together(ann, ben, cleo), group)
    // All of it is on their disks
    await Promise.all([ann, ben, cleo].map(twin => twin.stop()))
    await Promise.all([ann, ben, cleo].map(twin => twin.start()))
    await expectShown(alone(), direct)
    await expectShown(together(ann, ben, cleo), group)
  })
})
