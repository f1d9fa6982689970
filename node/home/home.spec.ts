import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readConfig, updateConfig, writeConfig } from './config.ts'
import { type Home, homeAt, makePrivateFolder } from './home.ts'
import { phraseFrom, readKit, writeKit } from './kit.ts'
import { lockHolder, lockHome } from './lock.ts'

const words = Array.from({ length: 24 }, (_, i) => `word${String.fromCharCode(97 + i)}`)
const config = {
  v: 1,
  id: '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf',
  device: '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust',
  deviceName: 'box',
  name: 'Ada',
  hasPassphrase: false,
  isRecoveryConfirmed: false,
  kit: null,
  createdAt: 1,
  start: {}
} as const

describe('home', () => {
  let home: Home
  beforeEach(async () => {
    home = homeAt(await mkdtemp(join(tmpdir(), 'twin-home-')), {})
  })
  afterEach(() => rm(home.folder, { recursive: true, force: true }))

  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: Error & { next?: string }) => error
    )

  it('homeAt() prefers --home over $TWIN_HOME over ~/.twinmesh', () => {
    expect(homeAt('/a', { TWIN_HOME: '/b' }).folder).equal('/a')
    expect(homeAt(undefined, { TWIN_HOME: '/b' }).folder).equal('/b')
    expect(homeAt(undefined, {}).folder).match(/\.twinmesh$/)
  })

  it('makePrivateFolder() makes 0700 and refuses what others may enter', async () => {
    const folder = join(home.folder, 'new')
    await makePrivateFolder(folder)
    expect((await stat(folder)).mode & 0o777).equal(0o700)
    await chmod(folder, 0o750)
    expect(await failure(makePrivateFolder(folder)))
      .include({ name: 'HomeError' })
      .property('next')
      .match(/chmod 700/)
  })

  it('a config is written 0600 and read back as it was', async () => {
    await writeConfig(home, config)
    expect((await stat(home.config)).mode & 0o777).equal(0o600)
    expect(await readConfig(home)).deep.equal(config)
    expect(await updateConfig(home, { isRecoveryConfirmed: true })).include({ isRecoveryConfirmed: true })
  })

  it('readConfig() tells a home without a twin from a damaged one', async () => {
    expect((await failure(readConfig(home)))?.next).equal('Make one with: twin init')
    for (const text of ['', '{', 'null', '[]', '{"v":2}', JSON.stringify({ ...config, start: null })]) {
      await writeFile(home.config, text)
      expect((await failure(readConfig(home)))?.message, text).match(/is damaged/)
    }
  })

  it('a home has one holder at a time, and is free after it', async () => {
    const lock = await lockHome(home)
    expect((await lockHolder(home))?.pid).equal(process.pid)
    const error = await failure(lockHome(home))
    expect(error?.message).contain(`process ${process.pid}`)
    expect(error?.next).contain('twin stop')
    await lock.release()
    expect(await lockHolder(home)).equal(undefined)
    await (await lockHome(home)).release()
  })

  it('only one of many who come at once gets the home', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockHome(home)))
    const won = tries.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    expect(won).length(1)
    await won[0]!.release()
  })

  it('the lock of a process that is gone is taken over, also when its number was given to another', async () => {
    for (const text of ['{"pid":4194304}', `{"pid":${process.pid},"started":"1"}`, 'rubbish', '']) {
      await writeFile(home.lock, text)
      // Where the system does not say when a process started, the number alone decides
      if (process.platform !== 'linux' && text.includes('started')) continue
      const lock = await lockHome(home)
      expect((await lockHolder(home))?.pid, text).equal(process.pid)
      await lock.release()
    }
  })

  it('a kit is 0600, never written over, and gives the phrase back', async () => {
    await writeKit(home.kit, config.id, words.join(' '))
    expect((await stat(home.kit)).mode & 0o777).equal(0o600)
    expect(await readKit(home.kit)).equal(words.join(' '))
    const before = await readFile(home.kit, 'utf8')
    expect((await failure(writeKit(home.kit, config.id, [...words].reverse().join(' '))))?.message).match(
      /exists already/
    )
    expect(await readFile(home.kit, 'utf8')).equal(before)
  })

  it('phraseFrom() takes words as they are typed: over lines, numbered, in capitals', () => {
    expect(phraseFrom(` ${words.slice(0, 12).join('  ')}\n${words.slice(12).join('\t').toUpperCase()}\n`)).equal(
      words.join(' ')
    )
    expect(
      phraseFrom(
        words
          .map((word, i) => `${i + 1}. ${word}`)
          .reverse()
          .join('\n')
      )
    ).equal(words.join(' '))
  })

  it('a folder where a file should be is said so', async () => {
    await mkdir(home.kit)
    expect((await failure(readKit(home.kit)))?.message).match(/Cannot read the kit/)
  })
})
