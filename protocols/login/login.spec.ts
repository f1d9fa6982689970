import { expect } from 'chai'
import { createClient } from '../core/index.ts'
import { World } from '../twins.fixture.ts'
import loginCompliance from './compliance.ts'
import { levelScopes } from './login.fixture.ts'
import { Login } from './login.ts'
import { loginProtocol } from './protocol.ts'
import { createLogin } from './site/index.ts'

const audience = 'https://library.example'

describe('login', () => {
  loginCompliance(async () => {
    const world = new World()
    const ann = await world.add('')
    await ann.profile.set({ name: 'Ann' })
    const site = createLogin({ audience, returnTo: `${audience}/signed-in`, now: world.now })
    return {
      owner: ann.login,
      twin: ann.id,
      name: 'Ann',
      audience,
      site,
      advance: ms => world.advance(ms),
      stop: () => world.stop()
    }
  })

  it('is for the owner alone', async () => {
    const world = new World()
    try {
      const ann = await world.add('')
      const { request } = await createLogin({ audience }).challenge()
      for (const caller of ['contact', 'stranger', 'experience'] as const) {
        const call = createClient(loginProtocol, ann.as(caller)).approve({ request })
        expect(await call.catch(error => error.code), caller).to.equal('PermissionDenied')
      }
    } finally {
      await world.stop()
    }
  })

  for (const [what, make] of Object.entries(levelScopes)) {
    it(`a device that ${what} signs nothing, in whatever page it runs`, async () => {
      const { me, directory, crypto } = await make()
      const world = new World()
      try {
        const { spaces } = await world.add('')
        const login = new Login({ me, directory, crypto, spaces })
        const { request } = await createLogin({ audience }).challenge()
        const refused = await login.approve({ request }).catch(error => error)
        expect(refused).to.include({ code: 'FailedPrecondition' })
      } finally {
        await world.stop()
      }
    })
  }
})
