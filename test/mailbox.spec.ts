import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BootstrapProcess, MeshProcesses } from './harness/mesh.ts'
import type { TwinProcess } from './harness/twin.ts'

interface Message {
  readonly id: string
  readonly text: string
  readonly state: string
}

interface Value {
  readonly key: string
  readonly value?: unknown
}

interface Row {
  readonly kind: string
  readonly id: string
}

interface Contact {
  readonly id: string
  readonly state: string
}

/** A word that is in what was written, and must be nowhere on the disk of a mailbox */
const marker = 'quagmire-7f3a-marmalade'

describe('mailbox by processes', function () {
  this.timeout(180_000)
  let mesh: MeshProcesses
  let meetingPoint: BootstrapProcess
  let ann: TwinProcess
  let ben: TwinProcess

  before('two twins become contacts, share a namespace, and Ben takes a box at the bootstrap node', async () => {
    mesh = await MeshProcesses.create()
    meetingPoint = await mesh.addBootstrap('--mailbox')
    ;[ann, ben] = (await mesh.addTwins(2)) as [TwinProcess, TwinProcess]
    const { link } = await ben.object<{ link: string }>('invite')
    await ann.object('contacts', 'add', link, '--name', 'Ben')
    await Promise.all([expectContact(ann, ben.id), expectContact(ben, ann.id)])
    await ann.object('kv', 'put', 'first', '1', '--space', 'house')
    await ann.object('kv', 'share', 'house', ben.id)
    const [offer] = await ben.eventually<{ name: string }>(['kv', 'offers'], lines => lines.length === 1)
    await ben.object('kv', 'accept', offer!.name)
    await ben.eventually<Value>(['kv', 'list', '--space', offer!.name], lines => lines.length === 1)
    await ann.object('chat', 'send', 'Ben', 'Are you there?')
    await expectHistory(ann, ben.id, lines => lines[0]?.state === 'their-twin')
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  it('what is written while the other is off waits at the bootstrap node and arrives once, though the writer is off then', async () => {
    const used = await ben.object<{ state: string }>('mailbox', 'use', addressOf(meetingPoint))
    expect(used.state).equal('open')
    await expectTold(ann, ben.id)
    await ben.stop()
    // Before the messages: what goes with the last of them includes it
    await ann.object('kv', 'put', 'colour', `blue ${marker}`, '--space', 'house')
    const sent = [`First ${marker}`, 'Second', 'Third']
    for (const text of sent) await ann.object('chat', 'send', 'Ben', text)
    const waiting = await expectHistory(ann, ben.id, lines => lines.slice(-3).every(({ state }) => state === 'mailbox'))
    expect(waiting.map(({ text }) => text)).deep.equal(['Are you there?', ...sent])
    await ann.stop()

    await ben.start()
    const received = await expectHistory(ben, ann.id, lines => lines.length === 4)
    expect(received.map(({ text }) => text)).deep.equal(['Are you there?', ...sent])
    const [{ name }] = (await ben.list<{ name: string }>('kv', 'namespaces')).filter(row =>
      row.name.includes('house')
    ) as [{ name: string }]
    const values = await ben.eventually<Value>(['kv', 'list', '--space', name], lines => lines.length === 2)
    expect(values.map(({ key, value }) => [key, value])).deep.equal([
      ['colour', `blue ${marker}`],
      ['first', '1']
    ])
    expect(ann.isRunning).equal(false)

    await ann.start()
    await expectHistory(ann, ben.id, lines => lines.every(({ state }) => state === 'their-twin' || state === 'opened'))
    const after = await expectHistory(ben, ann.id, lines => lines.length >= 4)
    expect(after.map(({ text }) => text)).deep.equal(['Are you there?', ...sent])
  })

  it('a twin that was started again leaves what is new at the mailbox, though nobody else was met', async () => {
    await ann.object('mailbox', 'use', addressOf(meetingPoint))
    await ben.stop()
    for (const text of ['After one start', 'After another']) {
      await ann.stop()
      await ann.start()
      await ann.object('chat', 'send', 'Ben', text)
      await expectHistory(ann, ben.id, lines => lines.at(-1)?.text === text && lines.at(-1)?.state === 'mailbox')
    }
    await ann.stop()
    await ben.start()
    const received = await expectHistory(ben, ann.id, lines => lines.length === 6)
    expect(received.slice(-2).map(({ text }) => text)).deep.equal(['After one start', 'After another'])
    expect(ann.isRunning).equal(false)
    await ann.start()
  })

  it('the disk of the mailbox has nothing of what was written, and the disk of who wrote it has', async () => {
    const plain = await hitsIn(join(meetingPoint.home, 'mailbox'))
    const control = await hitsIn(join(ann.home, 'store'))
    expect(plain.files).above(0)
    expect(plain.hits).equal(0)
    expect(control.hits).above(0)
  })
})

/** Over TCP */
function addressOf({ addresses }: BootstrapProcess): string {
  return addresses.find(text => text.startsWith('/ip4/127.0.0.1/tcp/') && !text.includes('/ws'))!
}

async function hitsIn(folder: string): Promise<{ files: number; hits: number }> {
  let [files, hits] = [0, 0]
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name))
    files++
    for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) hits++
  }
  return { files, hits }
}

async function expectContact(twin: TwinProcess, id: string): Promise<void> {
  await twin.eventually<Contact>(['contacts', 'list'], lines =>
    lines.some(line => line.id === id && line.state === 'contact')
  )
}

function expectHistory(twin: TwinProcess, who: string, accept: (lines: Message[]) => boolean): Promise<Message[]> {
  return twin.eventually<Message>(['chat', 'history', who, '--peek'], accept)
}

/** The contact knows where to leave parcels. */
async function expectTold(twin: TwinProcess, id: string): Promise<void> {
  await twin.eventually<Row>(['mailbox', 'list'], rows => rows.some(row => row.kind === 'told' && row.id === id))
}
