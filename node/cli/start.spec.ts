import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { runTwin, temporaryFolder } from '../../test/harness/twin.ts'
import { failure } from './exit.fixture.ts'

describe('twin start that cannot be', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let taken: Server
  let port: number
  before(async () => {
    folder = await temporaryFolder()
    taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '0.0.0.0', resolve))
    const address = taken.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  after(async () => {
    taken.close()
    await folder.remove()
  })

  const start = (home: string, ...args: string[]) => runTwin(['start', '--no-mdns', '--home', home, ...args])

  it('names the port that is taken', async () => {
    const home = join(folder.path, 'port')
    await runTwin(['init', '--home', home])
    const { code, line } = failure(await start(home, '--port', String(port)))
    expect(code).equal(1)
    expect(line).contain(String(port)).and.contain('--port')
    expect(line.split('\n')).length(1)
  })

  it('says that a store is damaged, and leaves it as it is', async () => {
    const home = join(folder.path, 'corrupt')
    await runTwin(['init', '--home', home])
    await mkdir(join(home, 'store'))
    await writeFile(join(home, 'store', 'CURRENT'), 'MANIFEST-000099\n')
    const { code, line } = failure(await start(home, '--port', '0'))
    expect(code).equal(1)
    expect(line)
      .match(/store .*damaged/)
      .and.match(/restore/)
    expect(line.split('\n')).length(1)
    expect(await readFile(join(home, 'store', 'CURRENT'), 'utf8')).equal('MANIFEST-000099\n')
  })

  it('asks for the passphrase of protected keys, and refuses a wrong one', async () => {
    const home = join(folder.path, 'locked')
    await runTwin(['init', '--home', home], { env: { TWIN_PASSPHRASE: 'correct horse' } })
    expect(failure(await start(home)).line).contain('set TWIN_PASSPHRASE')
    const wrong = failure(await runTwin(['start', '--home', home], { env: { TWIN_PASSPHRASE: 'battery' } }))
    expect(wrong.code).equal(1)
    expect(wrong.line).match(/passphrase does not open/)
  })

  it('refuses a home that is open to others', async () => {
    const home = join(folder.path, 'open')
    await runTwin(['init', '--home', home])
    await chmod(home, 0o755)
    expect(failure(await start(home)).line).match(/open to other users\. Close it: chmod 700/)
    await rm(home, { recursive: true })
  })
})
