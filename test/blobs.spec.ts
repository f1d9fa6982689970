import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { MeshProcesses } from './harness/mesh.ts'
import { type TwinProcess, temporaryFolder } from './harness/twin.ts'

interface Attachment {
  readonly address: string
  readonly name: string
  readonly size: number
}

interface Message {
  readonly id: string
  readonly text: string
  readonly attachments?: readonly Attachment[]
}

interface Row {
  readonly reference: Attachment
  readonly isHere: boolean
}

describe('files between processes', function () {
  this.timeout(120_000)
  let mesh: MeshProcesses
  let ann: TwinProcess
  let ben: TwinProcess
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  const photo = randomBytes(20_000_000)

  before('two twins become contacts', async () => {
    folder = await temporaryFolder()
    await writeFile(join(folder.path, 'garden.jpg'), photo)
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    ;[ann, ben] = (await mesh.addTwins(2)) as [TwinProcess, TwinProcess]
    const { link } = await ben.object<{ link: string }>('invite')
    await ann.object('contacts', 'add', link, '--name', 'Ben')
    await ben.eventually<{ id: string }>(['contacts', 'list'], lines => lines.some(line => line.id === ann.id))
  })

  after('everything stops', async () => {
    await mesh?.stop()
    await folder?.remove()
  })

  const path = (name: string) => join(folder.path, name)
  const filesOf = (twin: TwinProcess) => readdir(join(twin.home, 'blobs'))

  it('an attachment of 20 MB arrives bit for bit, and whoever cannot show files reads its name', async () => {
    await ann.object('chat', 'send', 'Ben', '--attach', path('garden.jpg'))
    const [message] = await ben.eventually<Message>(['chat', 'history', ann.id], lines => lines.length === 1)
    expect(message).to.deep.include({ text: 'garden.jpg' })
    expect(message!.attachments![0]).to.include({ name: 'garden.jpg', size: photo.length, type: 'image/jpeg' })
    expect(await filesOf(ben), 'nothing large comes unasked').to.deep.equal([])
    await mkdir(path('saved'))
    const saved = await ben.object<{ path: string }>('chat', 'save', ann.id, message!.id, '--to', path('saved'))
    expect(saved.path).to.equal(path('saved/garden.jpg'))
    expect(photo.equals(await readFile(saved.path))).to.equal(true)
    const [row] = await ben.list<Row>('blobs', 'list')
    expect(row).to.deep.include({ isHere: true })
    const again = await ben.run(['chat', 'save', ann.id, message!.id, '--to', path('saved'), '--json'])
    expect(again.stderr + again.stdout).to.match(/exists already/)
    expect(photo.equals(await readFile(saved.path))).to.equal(true)
  })

  it('what is on both disks is sealed, and its owner\u2019s alone', async () => {
    const [row] = await ann.list<Row>('blobs', 'list')
    for (const twin of [ann, ben]) {
      const file = join(twin.home, 'blobs', row!.reference.address)
      expect((await readFile(file)).includes(photo.subarray(1000, 1032))).to.equal(false)
      expect((await stat(file)).mode & 0o777).to.equal(0o600)
    }
  })

  it('a value above 64 KiB is stored from a file, shared, and read down a pipe', async () => {
    const book = randomBytes(700_001)
    await writeFile(path('book'), book)
    await ann.object('kv', 'put', 'book', '--file', path('book'), '--space', 'house')
    await ann.object('kv', 'share', 'house', ben.id)
    const offers = await ben.eventually<{ name: string }>(['kv', 'offers'], lines => lines.length === 1)
    const place = offers[0]!.name
    await ben.object('kv', 'accept', place)
    await ben.eventually<{ key: string }>(['kv', 'list', '--space', place], lines => lines.length === 1)
    await ben.object('kv', 'get', 'book', '--space', place, '--to', path('copy'))
    expect(book.equals(await readFile(path('copy')))).to.equal(true)
    const shown = await ben.object<{ blob: Attachment }>('kv', 'get', 'book', '--space', place)
    expect(shown.blob).to.include({ size: book.length, name: 'book' })
  })

  it('a file comes whole after a twin was killed in the middle of it', async () => {
    const film = randomBytes(60_000_000)
    await writeFile(path('film'), film)
    const { id } = await ann.object<Message>('chat', 'send', 'Ben', 'A film', '--attach', path('film'))
    await ben.eventually<Message>(['chat', 'history', ann.id], lines => lines.some(line => line.id === id))
    const saving = ben.stream('chat', 'save', ann.id, id, '--to', path('film-copy'))
    for (let isBegun = false; !isBegun; ) isBegun = (await filesOf(ben)).some(name => name.endsWith('.part'))
    await ben.stop('SIGKILL')
    expect((await saving.exited).code).to.not.equal(0)
    expect(await readdir(folder.path), 'what did not come whole is no file').to.not.include('film-copy')
    await ben.start()
    await ben.object('chat', 'save', ann.id, id, '--to', path('film-copy'))
    expect(film.equals(await readFile(path('film-copy')))).to.equal(true)
    expect((await filesOf(ben)).filter(name => name.endsWith('.part'))).to.deep.equal([])
  })

  it('a file or a message that is not there is refused with what to do', async () => {
    const missing = await ann.run(['chat', 'send', 'Ben', '--attach', path('nowhere'), '--json'])
    expect(missing.stderr + missing.stdout).to.match(/no file.*path/s)
    const empty = await ann.run(['chat', 'save', 'Ben', '01J8Z3Q5W7X9Y0A1B2C3D4E5F6', '--json'])
    expect(empty.stderr + empty.stdout).to.match(/No message with this id/)
  })
})
