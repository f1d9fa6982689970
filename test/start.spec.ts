import { cp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Program } from './harness/program.ts'
import { TwinProcess, temporaryFolder } from './harness/twin.ts'
import { listFiles, projectRoot } from './project.ts'

describe('starting', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(async () => {
    await folder.remove()
  })

  it('twin start keeps its compiled code for the owner alone, uses it, and does without when that is damaged', async () => {
    const twin = new TwinProcess({ home: join(folder.path, 'home'), compiles: true })
    await twin.init()
    await twin.start()
    expect((await twin.stop())?.code).equal(0)
    const code = join(twin.home, 'code')
    const [name, ...others] = await readdir(code)
    expect(others).deep.equal([])
    const file = join(code, name!)
    expect((await stat(file)).mode & 0o777).equal(0o600)
    expect((await stat(code)).mode & 0o777).equal(0o700)
    const { mtimeNs } = await stat(file, { bigint: true })
    await twin.start()
    expect((await twin.stop())?.code).equal(0)
    // Not written anew
    expect((await stat(file, { bigint: true })).mtimeNs).equal(mtimeNs)
    const kept = await readFile(file)
    const damaged = Uint8Array.from(kept)
    damaged[kept.length >> 1]! ^= 0xff
    await writeFile(file, damaged)
    await twin.start()
    expect((await twin.stop())?.code).equal(0)
    expect((await readFile(file)).equals(damaged)).equal(false)
  })

  it('npm start on a plain clone, without a terminal, builds and makes the twin, keeps the kit in the home and says so until it is confirmed', async () => {
    const home = join(folder.path, 'home')
    const clone = await plainClone(join(folder.path, 'clone'))
    const file = join(clone, 'node/scripts/start.mjs')
    const program = new Program(file, { args: ['--home', home, '--no-mdns', '--port', '0'] })
    const twin = new TwinProcess({ home })
    try {
      await program.waitForText('Ctrl-C stops it')
      const shown = program.printed
      expect(shown).include('Your twin is running')
      expect(shown).match(/twin:12D3KooW\w+/)
      expect(shown).match(/[▀▄█]{8}/)
      const kit = join(home, 'recovery-kit.txt')
      expect((await stat(kit)).mode & 0o777).equal(0o600)
      const words = [...(await readFile(kit, 'utf8')).matchAll(/\d+\. ([a-z]+)/g)].map(match => match[1]!)
      expect(words.length).equal(24)
      // A word or two stand in any text; not all of them
      expect(words.filter(word => shown.includes(word)).length).below(12)
      expect(shown).include('twin recovery done')
      expect((await twin.run(['status'])).stdout).include('twin recovery done')
      await twin.run(['recovery', 'done'])
      expect((await twin.run(['status'])).stdout).not.include('twin recovery done')
      expect((await twin.run(['stop'])).code).equal(0)
      expect((await program.exited).code).equal(0)
    } finally {
      await program.stop('SIGTERM')
    }
  })

  it('npm start starts a twin again that ended and was not asked to', async () => {
    const home = join(folder.path, 'home')
    await new TwinProcess({ home }).init()
    const args = ['--home', home, '--no-mdns', '--port', '0', '--json']
    const program = new Program(join(projectRoot, 'node/scripts/start.mjs'), { args })
    try {
      const { device } = await program.waitForJson<{ device: string }>()
      process.kill(await pidOf(home), 'SIGABRT')
      await program.waitForText('Your twin ended by itself (SIGABRT): it starts again')
      await program.waitForJson(() => program.lines.length === 2)
      expect(JSON.parse(program.lines[1]!)).property('device', device)
      // However it ends once it was asked to
      const twin = await pidOf(home)
      process.kill(twin, 'SIGSTOP')
      const stopped = program.stop('SIGTERM')
      process.kill(twin, 'SIGABRT')
      process.kill(twin, 'SIGCONT')
      expect((await stopped).code).not.equal(null)
      expect(program.lines).length(2)
    } finally {
      await program.stop('SIGTERM')
    }
  })
})

/** The process that holds a home. */
async function pidOf(home: string): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(home, 'lock'), 'utf8')) as { pid: number }
  return pid
}

/** What a stranger has after a clone and the installing of packages: nothing is built. */
async function plainClone(folder: string): Promise<string> {
  for (const path of listFiles()) {
    await cp(join(projectRoot, path), join(folder, path), { preserveTimestamps: true })
  }
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
