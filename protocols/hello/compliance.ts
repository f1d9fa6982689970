/** What any implementation of hello must show at the wire: who is believed, and what is told to whom. */
import { expect } from 'chai'
import type { Channel, ProtocolError } from '../core/index.ts'
import { createClient, type schema } from '../core/index.ts'
import { helloProtocol } from './protocol.ts'

export type Presentation = schema.Input<typeof helloProtocol.methods.present.request>

/** One device under test, and what a peer can present to it. */
export interface HelloWorld {
  /** A channel to the device under test from a peer with this peer id */
  channel(peer: string): Channel
  /** A good presentation of a device that is nobody to the device under test, and its peer id */
  readonly honest: { readonly peer: string; readonly presentation: Presentation }
  /** Peer id of some other device */
  readonly otherPeer: string
  /** The twin under test, and a twin whose list it keeps but shares with nobody */
  readonly twin: Uint8Array
  readonly secretTwin: Uint8Array
  stop(): Promise<void>
}

export default function helloCompliance(setup: () => Promise<HelloWorld>): void {
  describe('compliance', () => {
    let world: HelloWorld
    beforeEach(async () => {
      world = await setup()
    })
    afterEach(() => world.stop())

    const present = async (presentation: Presentation, peer = world.honest.peer) => {
      const client = createClient(helloProtocol, world.channel(peer))
      try {
        return await client.present(presentation)
      } finally {
        await client.close()
      }
    }

    const codeOf = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'none',
        (error: ProtocolError) => error.code
      )

    it('present() answers with a certificate, a head and the records that lead to it', async () => {
      const answer = await present(world.honest.presentation)
      expect(answer.certificate.length).to.be.greaterThan(300)
      expect(answer.records.length).to.be.greaterThan(0)
      expect(answer.head.hash).to.have.length(32)
    })

    it('present() leaves out what the caller has', async () => {
      const { head } = await present(world.honest.presentation)
      expect((await present({ ...world.honest.presentation, have: head })).records).to.deep.equal([])
    })

    it('present() refuses the certificate of another peer', async () => {
      expect(await codeOf(present(world.honest.presentation, world.otherPeer))).to.equal('InvalidArgument')
    })

    it('present() refuses a certificate with any part changed', async () => {
      const { certificate } = world.honest.presentation
      for (let at = 5; at < certificate.length; at += 40) {
        const changed = certificate.slice()
        changed[at]! ^= 1
        expect(await codeOf(present({ ...world.honest.presentation, certificate: changed }))).to.equal(
          'InvalidArgument'
        )
      }
    })

    it('present() bears records that are nonsense', async () => {
      const records = [new Uint8Array(10), new Uint8Array(), ...world.honest.presentation.records]
      expect(await codeOf(present({ ...world.honest.presentation, records }))).to.equal('none')
    })

    it('present() names no other twins to a stranger', async () => {
      expect((await present(world.honest.presentation)).heads ?? []).to.deep.equal([])
    })

    it('devices() tells its own list to anybody and no other to a stranger', async () => {
      const client = createClient(helloProtocol, world.channel(world.honest.peer))
      await client.present(world.honest.presentation)
      const { records, more } = await client.devices({ twin: world.twin })
      expect([records.length > 0, more]).to.deep.equal([true, false])
      expect(await codeOf(client.devices({ twin: world.secretTwin }))).to.equal('NotFound')
      expect(await codeOf(client.devices({ twin: new Uint8Array(32) }))).to.equal('NotFound')
      await client.close()
    })
  })
}
