import { join } from 'node:path'
import { expect } from 'chai'
import { build } from 'esbuild'
import type { SignIn } from '../protocols/login/index.ts'
import { LoginSite } from './harness/login-site.ts'
import { TwinProcess, temporaryFolder } from './harness/twin.ts'
import { projectRoot, readText } from './project.ts'

interface Approved {
  readonly site: string
  readonly url: string
}

describe('signing in at a web site with a twin', function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let twin: TwinProcess
  let site: LoginSite

  before('a twin and a site run', async () => {
    folder = await temporaryFolder()
    twin = new TwinProcess({ home: join(folder.path, 'home') })
    await twin.init()
    await twin.start()
    await twin.object('profile', 'set', '--name', 'Ada <b>')
    site = await LoginSite.start()
  })

  after('everything stops', async () => {
    await site?.stop()
    await twin?.stop()
    await folder?.remove()
  })

  it('twin login answers what the site asks, and the site knows its visitor', async () => {
    const visitor = site.visitor()
    const code = await visitor.asked()
    const asked = await twin.object('login', 'read', code)
    expect(asked).to.deep.include({ site: site.origin, scopes: ['id', 'name'], name: 'Ada <b>' })
    const { url } = await twin.object<Approved>('login', 'approve', code, '--scopes', '["id","name"]')
    expect(url.startsWith(`${site.origin}/signed-in#twin=`)).to.equal(true)
    expect(await visitor.bring(url)).to.equal('none')
    const page = await visitor.page()
    expect(page).to.include(twin.id).and.to.include('Ada &#60;b&#62;')
    const [signIn] = await twin.list<SignIn>('login', 'list')
    expect(signIn).to.deep.include({ site: site.origin, device: 1, count: 1, scopes: ['id', 'name'] })
  })

  it('the answer is good once, in the browser that asked, brought by the site’s own page', async () => {
    const [visitor, thief] = [site.visitor(), site.visitor()]
    const [code] = [await visitor.asked(), await thief.asked()]
    const { url } = await twin.object<Approved>('login', 'approve', code)
    expect(await thief.bring(url)).to.equal('unknown-request')
    expect(await visitor.bring(url, 'https://evil.example')).to.equal('403')
    expect(await visitor.bring(url)).to.equal('none')
    expect(await visitor.bring(url)).to.equal('unknown-request')
    expect(await thief.page()).not.to.include(twin.id)
  })

  it('another site gets nothing that this one takes, though it passes on what this one asks', async () => {
    const other = await LoginSite.start()
    try {
      const [visitor, attacker] = [other.visitor(), site.visitor()]
      await attacker.asked()
      const { url } = await twin.object<Approved>('login', 'approve', await visitor.asked())
      expect(new URL(url).origin).to.equal(other.origin)
      expect(await attacker.bring(url)).to.equal('wrong-audience')
    } finally {
      await other.stop()
    }
  })

  it('what is no request is told in one line, and signs nothing', async () => {
    const exit = await twin.run(['login', 'approve', 'https://evil.example/#login/AAAA'])
    expect(exit.code).to.equal(2)
    expect(exit.stderr).to.include('This is not a request of a site')
  })

  it('the example of docs/login.md runs as it stands there', async () => {
    const text = readText('docs/login.md')
    const code = /```js\n([\s\S]*?)```/.exec(text)?.[1]
    const lines = code!.split('\n').filter(line => !line.startsWith('import '))
    expect(lines.length).to.be.below(code!.split('\n').length)
    const { createLogin, LoginError } = await import('../protocols/login/site/index.ts')
    const { request, answerOf } = {
      request: (asked: string) => twin.object<Approved>('login', 'approve', asked),
      answerOf: (url: string) => url.slice(url.indexOf('#twin=') + '#twin='.length)
    }
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor
    const run = new AsyncFunction('createLogin', 'LoginError', 'visit', lines.join('\n'))
    const visit = async (asked: string) => answerOf((await request(asked)).url)
    expect(await run(createLogin, LoginError, visit)).to.equal(twin.id)
  })

  it('what verifies brings no libp2p, no Yjs and no database', async () => {
    const { metafile, outputFiles } = await build({
      entryPoints: [join(projectRoot, 'protocols/login/site/index.ts')],
      absWorkingDir: projectRoot,
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      mainFields: ['browser', 'module', 'main'],
      conditions: ['browser', 'import'],
      define: { global: 'globalThis' },
      logLevel: 'silent'
    })
    const used = Object.entries(metafile.outputs).flatMap(([, { inputs }]) =>
      Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    )
    const packages = new Set(used.flatMap(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []))
    const size = outputFiles[0]!.contents.length / 1024
    console.log(`      ${size.toFixed(0)} KiB minified: ${[...packages].sort().join(', ')}`)
    expect([...packages].filter(name => !allowedPackages.includes(name))).to.deep.equal([])
  })
})

const allowedPackages = ['@hpke/common', '@hpke/core', '@noble/curves', '@noble/hashes', 'multiformats', 'uint8arrays']
