import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { MeshProcesses } from './harness/mesh.ts'
import type { TwinProcess } from './harness/twin.ts'

interface Row {
  readonly key: string
  readonly value: unknown
}
interface Message {
  readonly text: string
  readonly state: string
}
interface Peer {
  readonly peer: string
  readonly twin?: string
}

describe('several devices of one twin', function () {
  this.timeout(180_000)
  let mesh: MeshProcesses
  let first: TwinProcess
  let second: TwinProcess
  let friend: TwinProcess

  before('a twin with a friend, a value and a message is restored on a second machine', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    ;[first, friend] = (await mesh.addTwins(2)) as [TwinProcess, TwinProcess]
    const { link } = await first.object<{ link: string }>('invite')
    await friend.object('contacts', 'add', link)
    await first.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
    await first.object('kv', 'put', 'colour', 'red')
    await first.object('chat', 'send', friend.id, 'before')
    await friend.eventually<Message>(['chat', 'history', first.id], lines => lines.length === 1)
    second = mesh.newTwin()
    const made = await second.restore(join(first.home, 'recovery-kit.txt'))
    expect(made).include({ id: first.id, others: 1 })
    await second.start()
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  it('the new device has what the twin knows: values, people and conversations', async () => {
    await second.eventually<Row>(['kv', 'list'], lines => lines.some(({ value }) => value === 'red'))
    await second.eventually<{ id: string }>(['contacts', 'list'], lines => lines[0]?.id === friend.id)
    const [message] = await second.eventually<Message>(['chat', 'history', friend.id], lines => lines.length === 1)
    expect(message?.text).equal('before')
    const { devices } = await first.object<{ devices: { state: string }[] }>('status')
    expect(devices.map(({ state }) => state)).have.members(['this', 'connected'])
  })

  it('what either writes, both have', async () => {
    await Promise.all([first.object('kv', 'put', 'one', '1'), second.object('kv', 'put', 'two', '2')])
    for (const device of [first, second]) {
      const lines = await device.eventually<Row>(['kv', 'list'], all => all.length === 3)
      expect(lines.map(({ key }) => key)).deep.equal(['colour', 'one', 'two'])
    }
    await second.object('chat', 'send', friend.id, 'from the second')
    for (const [who, other] of [
      [friend, first],
      [first, friend]
    ] as const) {
      const lines = await who.eventually<Message>(['chat', 'history', other.id], all => all.length === 2)
      expect(lines.map(({ text }) => text)).deep.equal(['before', 'from the second'])
    }
  })

  it('a file that one device stored for itself is read on the other', async () => {
    const book = randomBytes(2_000_001)
    const path = (name: string) => join(mesh.folder, name)
    await writeFile(path('book'), book)
    await first.object('kv', 'put', 'book', '--file', path('book'))
    await second.eventually<Row>(['kv', 'list'], all => all.some(({ key }) => key === 'book'))
    await second.object('kv', 'get', 'book', '--to', path('copy'))
    expect(book.equals(await readFile(path('copy')))).equal(true)
  })

  it('a friend is connected with both, and either alone takes what is sent', async () => {
    const own = (lines: Peer[]) => new Set(lines.filter(({ twin }) => twin === first.id).map(({ peer }) => peer)).size
    expect(own(await friend.eventually<Peer>(['peers'], lines => own(lines) === 2))).equal(2)
    await first.stop()
    await friend.object('chat', 'send', first.id, 'while the first is off')
    await second.eventually<Message>(['chat', 'history', friend.id], lines => lines.length === 3)
    await friend.eventually<Message>(['chat', 'history', first.id], lines => /their-twin|opened/.test(lines[2]!.state))
    await first.start()
    const lines = await first.eventually<Message>(['chat', 'history', friend.id], all => all.length === 3)
    expect(lines[2]!.text).equal('while the first is off')
  })

  it('a message to a friend who is off is on my twin once the other device has it', async () => {
    await friend.stop()
    await first.object('chat', 'send', friend.id, 'to nobody yet')
    const lines = await first.eventually<Message>(
      ['chat', 'history', friend.id],
      all => all.length === 4 && all[3]!.state === 'my-twin'
    )
    expect(lines[3]!.text).equal('to nobody yet')
    await friend.start()
    await first.eventually<Message>(['chat', 'history', friend.id], all => all[3]!.state === 'their-twin')
  })
})
