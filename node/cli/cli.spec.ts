import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { TwinProcess, temporaryFolder } from '../../test/harness/twin.ts'
import { failure, json } from './exit.fixture.ts'

describe('twin with a twin that runs', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let twin: TwinProcess
  before(async () => {
    folder = await temporaryFolder()
    twin = new TwinProcess({ home: join(folder.path, 'running') })
    await twin.init()
    await twin.start()
  })
  after(async () => {
    await twin.stop()
    await folder.remove()
  })

  it('prints id, device, addresses and console when it listens', () => {
    expect(Object.keys(twin.started!)).deep.equal(['id', 'device', 'addresses', 'console'])
    expect(twin.started!.addresses).not.empty
  })

  it('puts the control socket into a folder of mode 0700', async () => {
    const socket = await stat(join(twin.home, 'run', 'control.sock'))
    expect(socket.isSocket()).equal(true)
    expect(socket.mode & 0o077).equal(0)
    expect((await stat(join(twin.home, 'run'))).mode & 0o777).equal(0o700)
  })

  it('refuses a socket folder that was opened to others', async () => {
    await chmod(join(twin.home, 'run'), 0o755)
    const exit = await twin.run(['kv', 'list'])
    await chmod(join(twin.home, 'run'), 0o700)
    expect(failure(exit))
      .include({ code: 1 })
      .property('line')
      .match(/open to other users\. Close its folder: chmod 700 .+run$/)
  })

  it('a second start on the home names the process and what to do', async () => {
    const { code, line } = failure(await twin.run(['start', '--no-mdns']))
    expect(code).equal(1)
    expect(line).match(new RegExp(`in use by process ${twin.pid}\\. Stop it with: twin stop$`))
  })

  it('stores, reads, lists and deletes values in the promised shapes', async () => {
    const put = await twin.object<{ version: string }>('kv', 'put', 'colour', 'blue')
    expect(put).have.keys(['key', 'version'])
    expect(await twin.object('kv', 'get', 'colour')).deep.equal({
      key: 'colour',
      value: 'blue',
      version: put.version
    })
    expect(await twin.list('kv', 'list', 'col')).deep.equal([{ key: 'colour', value: 'blue', version: put.version }])
    expect((await twin.run(['kv', 'get', 'colour'])).stdout).equal('blue\n')
    expect(await twin.object('kv', 'delete', 'colour')).deep.equal({ key: 'colour', deleted: true })
    expect(failure(await twin.run(['kv', 'get', 'colour']))).deep.equal({
      code: 1,
      line: 'twin: No value under this key. See what is there: twin kv list, twin kv namespaces, twin kv offers'
    })
  })

  it('values are JSON and bytes too, from arguments, files and standard input', async () => {
    await twin.object('kv', 'put', '--as', 'json', 'lamp', '{"on":true}')
    expect(await twin.object('kv', 'get', 'lamp')).deep.include({ value: { on: true } })
    const file = join(folder.path, 'bytes')
    await writeFile(file, new Uint8Array([0, 255, 1]))
    await twin.object('kv', 'put', 'raw', '--file', file)
    expect(await twin.object('kv', 'get', 'raw')).deep.include({ value: { $bytes: 'AP8B' } })
    await twin.run(['kv', 'put', 'typed', '-'], { input: 'from a pipe' })
    expect(await twin.object('kv', 'get', 'typed')).include({ value: 'from a pipe' })
  })

  it('a value that is too large is refused with exit code 2, and nothing changes', async () => {
    await twin.object('kv', 'put', 'size', 'small')
    expect(failure(await twin.run(['kv', 'put', 'size', 'x'.repeat(70_000)])).code).equal(2)
    expect(await twin.object('kv', 'get', 'size')).include({ value: 'small' })
  })

  it('imports JSON lines, and names the line that does not fit', async () => {
    const lines = Array.from({ length: 1500 }, (_, i) => JSON.stringify({ key: `n${i}`, value: i }))
    const done = await twin.run(['kv', 'import', 'numbers', '-', '--json'], { input: lines.join('\n') })
    expect(json(done)).deep.equal({ space: 'numbers', imported: 1500 })
    expect(await twin.list('kv', 'list', '--space', 'numbers')).length(1500)
    const bad = await twin.run(['kv', 'import', 'numbers', '-'], { input: '{"key":"a","value":1}\n{"key":2}\n' })
    expect(failure(bad))
      .include({ code: 2 })
      .property('line')
      .match(/Line 2/)
  })

  it('the generic form of a method follows from its contract', async () => {
    await twin.object('kv', 'put', 'generic', 'yes')
    const ops = JSON.stringify([{ type: 'delete', key: 'generic' }])
    expect(await twin.object('kv', 'batch', ops)).deep.equal({ results: [{ key: 'generic' }] })
    expect((await twin.run(['kv', 'batch', 'not json'])).code).equal(2)
  })

  it('status tells reachability, storage, capabilities, devices and what needs attention', async () => {
    const status = await twin.object<Record<string, unknown>>('status')
    expect(status).include({ id: twin.id, device: twin.started!.device, pid: twin.pid })
    expect(status).include.keys('reachability', 'addresses', 'peers', 'storage', 'capabilities', 'devices', 'warnings')
    const { stdout } = await twin.run(['status'])
    expect(stdout)
      .match(/recovery phrase/)
      .and.match(/this one/)
      .and.match(/kv 1\.\d/)
  })

  it('an invite is a link; a malformed one is refused in one line', async () => {
    const { link } = await twin.object<{ link: string }>('invite')
    expect(link).match(new RegExp(`^twin:${twin.id}\\?t=`))
    for (const bad of ['twin:nonsense', 'https://example.org', `${link.slice(0, 30)}`]) {
      const { code, line } = failure(await twin.run(['contacts', 'add', bad]))
      expect(code, bad).equal(2)
      expect(line.split('\n'), bad).length(1)
    }
  })

  it('unknown people are exit code 1, what is no twin id exit code 2', async () => {
    expect((await twin.run(['chat', 'send', 'Nobody', 'Hello'])).code).equal(1)
    expect((await twin.run(['find', 'rubbish'])).code).equal(2)
  })

  it('limits, peers and doctor answer', async () => {
    expect(await twin.list('limits')).not.empty
    expect(await twin.list('peers')).deep.equal([])
    const { code, stdout } = await twin.run(['doctor'])
    expect(code).equal(1)
    expect(stdout).match(/knows no meeting point/)
  })

  it('exports what it holds into a new folder', async () => {
    const target = join(folder.path, 'export')
    await twin.object('kv', 'put', 'kept', 'for ever')
    await twin.object('export', target)
    expect(await readFile(join(target, 'kv', 'default.jsonl'), 'utf8')).contain('"for ever"')
    expect((await stat(target)).mode & 0o777).equal(0o700)
    expect(failure(await twin.run(['export', target])).line).match(/exists already/)
  })

  it('what was stored is there after a stop and after a kill', async () => {
    await twin.object('kv', 'put', 'stays', '1')
    expect(await twin.object('stop')).include({ stopped: true })
    expect((await twin.stop())?.code).equal(0)
    const { code, line } = failure(await twin.run(['kv', 'get', 'stays']))
    expect({ code, line }).deep.equal({ code: 3, line: 'twin: Your twin is not running. Start it with: twin start' })
    await twin.start()
    expect(await twin.object('kv', 'get', 'stays')).include({ value: '1' })
    await twin.object('kv', 'put', 'stays', '2')
    await twin.stop('SIGKILL')
    expect(failure(await twin.run(['kv', 'get', 'stays'])).code).equal(3)
    await twin.start()
    expect(await twin.object('kv', 'get', 'stays')).include({ value: '2' })
  })
})
