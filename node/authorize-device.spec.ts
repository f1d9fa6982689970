import { expect } from 'chai'
import { scopeId } from '../protocols/core/index.ts'
import { authorizeDevice } from './authorize-device.ts'
import { nodeProtocol } from './control/protocol.ts'

describe('authorizeDevice()', () => {
  const ask = async (role: string, method: 'status' | 'export' | 'backup') => {
    const scope = scopeId(nodeProtocol, nodeProtocol.methods[method].scope)
    const caller = { class: 'owner', role } as const
    return (await authorizeDevice({ caller, protocol: nodeProtocol, method, scope, body: {} })).allow
  }

  it('gives a browser of the owner what it shows, and not everything at once', async () => {
    expect(await ask('browser', 'status')).equal(true)
    expect([await ask('browser', 'export'), await ask('browser', 'backup')]).deep.equal([false, false])
  })

  it('gives machines of the owner all of it', async () => {
    expect([await ask('node', 'export'), await ask('cli', 'backup')]).deep.equal([true, true])
  })

  it('gives a browser of somebody else no more than its class', async () => {
    const scope = scopeId(nodeProtocol, 'read')
    const caller = { class: 'contact', role: 'browser' } as const
    const decision = await authorizeDevice({ caller, protocol: nodeProtocol, method: 'status', scope, body: {} })
    expect(decision.allow).equal(false)
  })
})
