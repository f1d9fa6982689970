import { expect } from 'chai'
import { Field, until } from './mesh.fixture.ts'

describe('neighbours', () => {
  it('on one network find each other without a bootstrap node', async () => {
    const field = new Field()
    try {
      const a = await field.twin({ mdns: true, host: '0.0.0.0' })
      const b = await field.twin({ mdns: true, host: '0.0.0.0' })
      await until(() => a.mesh.isConnected(b.mesh.peer) || b.mesh.isConnected(a.mesh.peer), 12_000)
      await until(() =>
        a.mesh.find(b.id).then(
          ({ devices }) => devices[0]?.device === b.mesh.peer,
          () => false
        )
      )
      expect((await b.mesh.find(a.id)).devices[0]?.device).to.equal(a.mesh.peer)
    } finally {
      await field.close()
    }
  })
})
