import { cp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { MeshProcesses } from './harness/mesh.ts'
import { runTwin, type TwinProcess } from './harness/twin.ts'

interface Written {
  readonly whole: boolean
  readonly bytes: number
  readonly entries: number
}
interface Message {
  readonly text: string
  readonly state: string
}
interface Status {
  readonly warnings: readonly { readonly code: string }[]
}
interface Refused {
  readonly error: string
  readonly message: string
}

const rehearsals = async () => (await readdir(tmpdir())).filter(name => name.startsWith('twin-rehearsal-'))

describe('recovery', function () {
  this.timeout(240_000)
  let mesh: MeshProcesses
  let ada: TwinProcess
  let bea: TwinProcess
  let backup: string
  let kit: string

  before('two friends, one of whom backs up twice', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    ;[ada, bea] = (await mesh.addTwins(2)) as [TwinProcess, TwinProcess]
    const { link } = await ada.object<{ link: string }>('invite')
    await bea.object('contacts', 'add', link)
    await ada.eventually<{ state: string }>(['contacts', 'list'], lines => lines[0]?.state === 'contact')
    for (let n = 0; n < 3; n++) await ada.object('kv', 'put', `key ${n}`, `value ${n}`)
    await ada.object('chat', 'send', bea.id, 'hello')
    await bea.eventually<Message>(['chat', 'history', ada.id], lines => lines.length === 1)
    backup = join(mesh.folder, 'backup')
    kit = join(mesh.folder, 'kit.txt')
    await cp(join(ada.home, 'recovery-kit.txt'), kit)
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  const refusal = async (...args: string[]): Promise<Refused> => {
    const exit = await runTwin([...args, '--json'])
    expect(exit.code, exit.stdout).not.equal(0)
    const lines = exit.stderr.trim().split('\n')
    expect(lines).length(1)
    return JSON.parse(lines[0]!) as Refused
  }

  it('a backup is whole the first time, and holds only what is new the next', async () => {
    const first = (await ada.list<{ done?: Written }>('backup', backup)).at(-1) as unknown as Written
    expect(first.whole).equal(true)
    await ada.object('kv', 'put', 'later', 'too')
    const second = await ada.object<Written>('backup', backup)
    expect(second.whole).equal(false)
    expect(second.bytes).below(first.bytes)
    expect(second.entries).above(first.entries - 1)
    expect(await ada.object('backup', 'verify', backup)).include({ id: ada.id, files: 2 })
    for (const name of await readdir(backup)) {
      const bytes = await readFile(join(backup, name), 'latin1')
      expect((await stat(join(backup, name))).mode & 0o777).equal(0o600)
      for (const secret of ['hello', 'value 1', 'abandon']) expect(bytes.includes(secret), secret).equal(false)
    }
  })

  it('a rehearsal says what would come back and leaves nothing behind', async () => {
    const before = await rehearsals()
    const words = await ada.object<{ words: boolean }>('recovery', 'test', '--kit', kit)
    expect(words.words).equal(true)
    const trial = await ada.object<{ lacks: { entries: number }; backup: { missing: string[] } }>(
      ...['recovery', 'test', '--kit', kit, '--backup', backup]
    )
    expect(trial.lacks).deep.equal({ entries: 0 })
    expect(trial.backup.missing).deep.equal([])
    expect(await rehearsals()).deep.equal(before)
    const other = join(bea.home, 'recovery-kit.txt')
    expect(await refusal('recovery', 'test', '--kit', other, '--home', ada.home)).include({ error: 'WrongPhrase' })
  })

  it('another phrase, a changed byte, a cut or a missing file is told in one line, and nothing half-made stays', async () => {
    const target = join(mesh.folder, 'never')
    const restore = (folder: string, from = kit) =>
      refusal('restore', '--backup', folder, '--kit', from, '--no-mdns', '--home', target)
    const other = await restore(backup, join(bea.home, 'recovery-kit.txt'))
    expect(other.message).equal('The phrase is not that of the twin in the backup')
    const spoilt = join(mesh.folder, 'spoilt')
    const last = join(spoilt, '00000002.twinbackup')
    const spoil = async (how: () => Promise<void>) => {
      await rm(spoilt, { recursive: true, force: true })
      await cp(backup, spoilt, { recursive: true })
      await how()
      const { message } = await restore(spoilt)
      expect((await refusal('backup', 'verify', spoilt)).message).equal(message)
      expect(await stat(target).catch((error: { code: string }) => error.code)).equal('ENOENT')
      return message
    }
    const changed = await spoil(async () => {
      const bytes = await readFile(last)
      bytes[bytes.length >> 1]! ^= 1
      await writeFile(last, bytes)
    })
    expect(changed).match(/was changed|damaged/)
    const { size } = await stat(last)
    expect(await spoil(() => truncate(last, size - 40))).match(/cut off/)
    expect(await spoil(() => rm(join(spoilt, '00000001.twinbackup')))).match(/00000001.twinbackup is missing/)
    expect(await spoil(() => cp(last, join(spoilt, '00000003.twinbackup')))).match(/another name/)
    expect((await refusal('backup', 'verify', mesh.folder)).message).match(/There is no backup in/)
  })

  it('on another machine the phrase and the backup bring back the twin, on hold, and friends the rest', async () => {
    await ada.object('kv', 'put', 'lost', 'not in the backup')
    await ada.object('chat', 'send', bea.id, 'not in the backup')
    await bea.eventually<Message>(['chat', 'history', ada.id], lines => lines.length === 2)
    const { device: old } = ada.started!
    await ada.stop('SIGKILL')
    await rm(ada.home, { recursive: true })
    ada = mesh.newTwin()
    const made = await ada.object<{
      device: string
      devices: { number: number }[]
      restored: { missing: string[]; spaces: number }
    }>(...['restore', '--backup', backup, '--kit', kit, '--no-mdns'])
    expect(made.device).not.equal(old)
    // The one that is lost: what restore prints says how to end it
    expect(made.devices.map(({ number }) => number)).deep.equal([1])
    expect(made.restored).deep.include({ missing: [], spaces: 2 })
    await ada.start()
    const rows = await ada.list<{ key: string }>('kv', 'list')
    expect(rows.map(({ key }) => key)).deep.equal(['key 0', 'key 1', 'key 2', 'later'])
    const lines = await ada.eventually<Message>(['chat', 'history', bea.id], all => all.length === 2)
    expect(lines.map(({ text }) => text)).deep.equal(['hello', 'not in the backup'])
    const codes = async () => (await ada.object<Status>('status')).warnings.map(({ code }) => code)
    expect(await codes()).include('hold')
    expect(await ada.object('resume')).deep.equal({ wasOnHold: true })
    expect(await codes()).not.include('hold')
    await ada.object('chat', 'send', bea.id, 'I am back')
    await bea.eventually<Message>(['chat', 'history', ada.id], all => all.at(-1)?.text === 'I am back')
    await bea.object('chat', 'send', ada.id, 'welcome')
    await ada.eventually<Message>(['chat', 'history', bea.id], all => all.length === 4)
  })

  it('a store that was put back from an older copy makes no fork: what was sent comes back, what is new stands', async () => {
    const [store, copy] = [join(bea.home, 'store'), join(mesh.folder, 'older')]
    const { length } = await bea.list<Message>('chat', 'history', ada.id)
    await bea.stop()
    await cp(store, copy, { recursive: true })
    await bea.start()
    for (let n = 0; n < 5; n++) await bea.object('chat', 'send', ada.id, `lost ${n}`)
    await ada.eventually<Message>(['chat', 'history', bea.id], all => all.length === length + 5)
    await bea.stop()
    await ada.stop()
    await rm(store, { recursive: true })
    await cp(copy, store, { recursive: true })
    await bea.start()
    await bea.object('chat', 'send', ada.id, 'new')
    await ada.start()
    for (const [me, other] of [
      [ada, bea],
      [bea, ada]
    ] as const) {
      const lines = await me.eventually<Message>(['chat', 'history', other.id], all => all.length === length + 6)
      const texts = lines.map(({ text }) => text)
      expect(texts).include.members(['lost 0', 'lost 1', 'lost 2', 'lost 3', 'lost 4', 'new'])
    }
    const { warnings } = await bea.object<Status>('status')
    expect(warnings.map(({ code }) => code)).include('set-back')
    expect(warnings.map(({ code }) => code)).not.include('fork')
    await bea.object('chat', 'send', ada.id, 'goes on')
    await ada.eventually<Message>(['chat', 'history', bea.id], all => all.length === length + 7)
  })
})
