/** What any login must show, written against the owner's client and a site. */
import { expect } from 'chai'
import type { Client } from '../core/index.ts'
import type { loginProtocol } from './protocol.ts'
import type { SiteLogin } from './site/index.ts'

export interface LoginCase {
  readonly owner: Client<typeof loginProtocol>
  /** The twin's id, and the name on its profile */
  readonly twin: string
  readonly name: string
  readonly audience: string
  readonly site: SiteLogin
  advance(ms: number): void
  stop(): Promise<void>
}

export default function loginCompliance(setup: () => Promise<LoginCase>): void {
  let world: LoginCase
  beforeEach(async () => {
    world = await setup()
  })
  afterEach(() => world.stop())

  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'none',
      error => error.code
    )
  const answerOf = (url: string) => url.slice(url.indexOf('#twin=') + '#twin='.length)
  async function signIns() {
    const items = []
    for await (const item of world.owner.list({})) items.push(item)
    return items
  }

  it('what is approved is what the site verifies, at its own address', async () => {
    const { owner, site, audience, twin, name } = world
    const { link, nonce, expiresAt } = await site.challenge(['id', 'name'])
    expect(await owner.read({ request: link })).to.deep.equal({
      site: audience,
      scopes: ['id', 'name'],
      expiresAt,
      name
    })
    const { url, ...approved } = await owner.approve({ request: link, scopes: ['name', 'id'] })
    expect(approved).to.deep.equal({ site: audience, scopes: ['name', 'id'], expiresAt })
    expect(new URL(url).origin).to.equal(audience)
    const seen = await site.verify(answerOf(url), { nonce })
    expect(seen).to.include({ twin, name }).and.have.property('device').that.is.above(0)
  })

  it('a site is told no more than what was granted, and that is the twin id by default', async () => {
    const { owner, site, twin } = world
    const { request, nonce } = await site.challenge(['id', 'name'])
    const { url } = await owner.approve({ request })
    const { records, device, ...told } = await site.verify(answerOf(url), { nonce })
    expect(told).to.deep.equal({ twin, scopes: ['id'] })
  })

  it('nobody grants what was not asked, or nothing', async () => {
    const { request } = await world.site.challenge()
    expect(await codeOf(world.owner.approve({ request, scopes: ['id', 'name'] }))).to.equal('InvalidArgument')
    expect(await codeOf(world.owner.approve({ request, scopes: ['name'] }))).to.equal('InvalidArgument')
    expect(await codeOf(world.owner.approve({ request, scopes: ['id', 'id'] }))).to.equal('InvalidArgument')
    expect(await signIns()).to.deep.equal([])
  })

  it('a request that is damaged or over is refused, and signs nothing', async () => {
    const { request } = await world.site.challenge()
    for (const damaged of ['hello', request.slice(0, -4), `${request}#`, request.replace('login/', 'claim/')]) {
      expect(await codeOf(world.owner.read({ request: damaged })), damaged).to.equal('InvalidArgument')
      expect(await codeOf(world.owner.approve({ request: damaged })), damaged).to.equal('InvalidArgument')
    }
    world.advance(13 * 60_000)
    expect(await codeOf(world.owner.approve({ request }))).to.equal('FailedPrecondition')
    expect(await signIns()).to.deep.equal([])
  })

  it('remembers the sites, says when one was there before, and forgets one', async () => {
    const { owner, site, audience } = world
    await owner.approve({ request: (await site.challenge()).request })
    const { lastAt } = await owner.read({ request: (await site.challenge()).request })
    world.advance(5000)
    await owner.approve({ request: (await site.challenge(['id', 'name'])).request, scopes: ['id', 'name'] })
    const [signIn, ...more] = await signIns()
    expect(more).to.deep.equal([])
    expect(signIn).to.deep.include({ site: audience, count: 2, firstAt: lastAt, scopes: ['id', 'name'] })
    expect(signIn!.lastAt).to.be.at.least(lastAt! + 5000)
    expect(await owner.forget({ site: audience })).to.deep.equal({ forgotten: 1 })
    expect(await signIns()).to.deep.equal([])
    expect(await codeOf(owner.forget({ site: audience }))).to.equal('NotFound')
  })
}
