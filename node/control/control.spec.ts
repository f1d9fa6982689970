import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createServer, defineProtocol, defineService, unary, schema as v } from '../../protocols/core/index.ts'
import { type Home, homeAt } from '../home/index.ts'
import { connectToTwin, controlSocketPath, serveControl } from './index.ts'

const echoProtocol = defineProtocol({
  name: 'echo',
  version: '1.0',
  doc: 'Says who called',
  scopes: { say: { doc: 'Says it', consent: 'Hear it', callers: ['owner'] } },
  methods: {
    who: unary({
      doc: 'Says who called',
      scope: 'say',
      request: v.object({}),
      response: v.object({ class: v.text({ max: 16 }), device: v.int() }),
      examples: [{ request: {}, response: { class: 'owner', device: 1 } }]
    })
  }
})
const echo = defineService(echoProtocol, () => ({
  who: (_request: object, { caller }: { caller: { class: string; device?: number } }) => ({
    class: caller.class,
    device: caller.device ?? 0
  })
}))

describe('control', () => {
  let folder: string
  let home: Home
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twin-control-'))
    home = homeAt(join(folder, 'home'), {})
    await mkdir(home.folder, { mode: 0o700 })
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const serve = async (env = {}) => {
    const server = createServer({ services: [echo()({})] })
    const control = await serveControl(home, server, { twin: 'me', device: 7 }, { env })
    return { close: async () => Promise.all([control.close(), server.stop()]) }
  }
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: Error & { next?: string; code?: string }) => error
    )

  it('whoever opens the socket is the owner', async () => {
    const served = await serve()
    const connection = await connectToTwin(home, { env: {} })
    expect(await connection.client(echoProtocol).who({})).deep.equal({ class: 'owner', device: 7 })
    await connection.close()
    await served.close()
  })

  it('a home that is too deep for a socket address gets one in the folder of the user, at both ends', async () => {
    home = homeAt(join(folder, 'x'.repeat(120)), {})
    await mkdir(home.folder, { mode: 0o700 })
    const env = { XDG_RUNTIME_DIR: folder }
    const path = await controlSocketPath(home, env)
    expect(path.startsWith(folder)).equal(true)
    expect(path.length).below(104)
    const served = await serve(env)
    const connection = await connectToTwin(home, { env })
    expect((await connection.client(echoProtocol).who({})).class).equal('owner')
    await connection.close()
    await served.close()
  })

  it('the fallback is the same by whatever link the home is named', async () => {
    const deep = join(folder, 'y'.repeat(120))
    await mkdir(deep)
    const link = join(folder, 'z'.repeat(120))
    await symlink(deep, link)
    const env = { XDG_RUNTIME_DIR: folder }
    expect(await controlSocketPath(homeAt(link, {}), env)).equal(await controlSocketPath(homeAt(deep, {}), env))
  })

  it('tells a twin that does not run from a home without a twin', async () => {
    expect(await failure(connectToTwin(home, { env: {} }))).include({
      name: 'HomeError',
      next: 'Make one with: twin init'
    })
    await mkdir(home.config)
    expect(await failure(connectToTwin(home, { env: {} }))).include({ name: 'NotRunning' })
  })

  it('will not talk through a folder that others may enter', async () => {
    const served = await serve()
    await chmod(join(home.folder, 'run'), 0o770)
    const connection = await connectToTwin(home, { env: {} })
    expect(await failure(connection.client(echoProtocol).who({}))).include({ code: 'PermissionDenied' })
    await connection.close()
    await chmod(join(home.folder, 'run'), 0o700)
    await served.close()
  })
})
