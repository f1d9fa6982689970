import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import { issueCertificate } from '../../crdt/identity/index.ts'
import contractCompliance from '../core/compliance.ts'
import { fileVectors } from '../core/file-vectors.ts'
import { type Caller, channelPair, contractToMarkdown, createClient, createServer } from '../core/index.ts'
import helloCompliance, { type HelloWorld } from './compliance.ts'
import { day, Person, start } from './hello.fixture.ts'
import { helloProtocol, helloTimeoutMs } from './index.ts'

contractCompliance(helloProtocol, { vectors: fileVectors('protocols/hello/vectors') })

describe('hello', () => {
  const people: Person[] = []
  const person = async (...args: Parameters<typeof Person.make>): Promise<Person> => {
    const made = await Person.make(...args)
    people.push(made)
    return made
  }
  afterEach(async () => {
    for (const made of people.splice(0)) await made.stop()
  })

  helloCompliance(async (): Promise<HelloWorld> => {
    const [ann, ben, carl] = [await Person.make(), await Person.make(), await Person.make()]
    await ann.directory.receive(carl.twin, carl.list.since())
    const [term, seq, hash] = ben.list.head!
    return {
      channel: peer => ben.channelTo(ann, peer),
      honest: {
        peer: ben.peer,
        presentation: { certificate: await ben.certify(), head: { term, seq, hash }, records: ben.list.since() }
      },
      otherPeer: carl.peer,
      twin: ann.twin,
      secretTwin: carl.twin,
      stop: async () => {
        for (const made of [ann, ben, carl]) await made.stop()
      }
    }
  })

  it('tells both ends who is at the other', async () => {
    const [ann, ben] = [await person(), await person()]
    ann.befriend(ben)
    const reached = await ann.greet(ben)
    expect(reached).to.include({ class: 'contact', twin: ben.id, device: 1, peer: ben.peer, role: 'node' })
    expect(await ben.callerOf(ann)).to.include({ class: 'stranger', twin: ann.id, device: 1, peer: ann.peer })
    ben.befriend(ann)
    expect(await ben.callerOf(ann)).to.include({ class: 'contact', twin: ann.id })
  })

  it('may be said again, also between strangers, and changes nothing that was known', async () => {
    const [ann, ben] = [await person(), await person()]
    for (const _ of [1, 2]) {
      expect(await ann.greet(ben)).to.include({ class: 'stranger', twin: ben.id, device: 1 })
      expect(await ben.callerOf(ann)).to.include({ class: 'stranger', twin: ann.id, device: 1 })
      expect(await ben.greet(ann)).to.include({ class: 'stranger', twin: ann.id, device: 1 })
    }
    // Who has the list already need not be sent it again
    const client = createClient(helloProtocol, ben.channelTo(ann))
    await client.present({ certificate: await ben.certify(), records: [], head: toHead(ben.list.head!) })
    await client.close()
    expect(await ann.callerOf(ben)).to.include({ twin: ben.id, device: 1 })
  })

  it('tells its host each time that somebody was met', async () => {
    const [ann, ben] = [await person(), await person()]
    await ann.greet(ben)
    expect(ann.met).deep.equal([ben.id])
    expect(ben.met).deep.equal([ann.id])
    await ben.greet(ann)
    expect(ann.met).deep.equal([ben.id, ben.id])
  })

  it('believes no device list that is older than the invite of its twin', async () => {
    const [ann, ben] = [await person(), await person()]
    const old = ben.list.since()
    const tablet = await person(ben, 2)
    // Ben invites when his list has two devices; a thief with the first one presents the list of before
    ann.expected.set(ben.id, tablet.list.head![2])
    const thief = { certificate: await ben.certify(), records: old, head: toHead(ben.list.head!) }
    const client = createClient(helloProtocol, ben.channelTo(ann))
    await client.present(thief)
    expect(await ann.callerOf(ben))
      .to.include({ class: 'stranger' })
      .and.not.have.property('twin')
    await client.close()
    expect(await ann.greet(tablet)).to.include({ twin: ben.id, device: 2 })
  })

  it('knows another device of the own twin as the owner', async () => {
    const ann = await person()
    const phone = await person(ann, 2)
    expect(await phone.greet(ann)).to.include({ class: 'owner', twin: ann.id, device: 1 })
    expect(await ann.callerOf(phone)).to.include({ class: 'owner', twin: ann.id, device: 2 })
  })

  it('keeps the list of a contact and not that of a stranger', async () => {
    const [ann, ben] = [await person(), await person()]
    await ann.greet(ben)
    expect([ann.directory.get(ben.twin), ben.stored.size]).to.deep.equal([undefined, 1])
    expect(ann.hello.listOf(ben.twin)?.head).to.deep.equal(ben.list.head)
    expect(await ann.hello.keep(ben.twin)).to.equal(true)
    expect(ann.directory.get(ben.twin)?.head).to.deep.equal(ben.list.head)
    ben.befriend(ann)
    await ben.callerOf(ann)
    expect(ben.directory.get(ann.twin)?.head).to.deep.equal(ann.list.head)
  })

  it('makes a call wait for the hello of its connection', async () => {
    const [ann, ben] = [await person(), await person()]
    let caller: Caller | undefined
    const waiting = ben.callerOf(ann).then(found => {
      caller = found
    })
    await ben.clock.advance(helloTimeoutMs - 1)
    expect(caller).to.equal(undefined)
    await ann.greet(ben)
    await waiting
    expect(caller?.twin).to.equal(ann.id)
  })

  it('lets a call run as that of a stranger when no hello comes, and believes one that comes late', async () => {
    const [ann, ben] = [await person(), await person()]
    const waiting = ben.callerOf(ann)
    await ben.clock.advance(helloTimeoutMs)
    expect(await waiting).to.deep.equal({ class: 'stranger', peer: ann.peer })
    expect(await ben.callerOf(ann)).to.deep.equal({ class: 'stranger', peer: ann.peer })
    await ann.greet(ben)
    expect((await ben.callerOf(ann)).twin).to.equal(ann.id)
  })

  it('does not wait for a device that a kept list names', async () => {
    const [ann, ben] = [await person(), await person()]
    ben.befriend(ann)
    await ben.directory.receive(ann.twin, ann.list.since())
    expect(await ben.callerOf(ann)).to.include({ class: 'contact', device: 1 })
  })

  it('forgets a peer when its last connection has closed', async () => {
    const [ann, ben] = [await person(), await person()]
    await ann.greet(ben)
    ben.hello.disconnected(ann.peer)
    let caller: Caller | undefined
    const waiting = ben.callerOf(ann).then(found => {
      caller = found
    })
    // Its next connection has its own time to say hello
    await ben.clock.advance(helloTimeoutMs - 1)
    expect(caller).to.equal(undefined)
    await ben.clock.advance(1)
    await waiting
    expect(caller).to.deep.equal({ class: 'stranger', peer: ann.peer })
  })

  it('takes a peer that does not speak hello for a stranger at once', async () => {
    const [ann, ben] = [await person(), await person()]
    const mute = createServer({ services: [] })
    const greeting = ann.hello.greet(ben.peer, channelPair(mute, { class: 'stranger' }))
    expect(await greeting.catch((error: { code: string }) => error.code)).to.equal('Unimplemented')
    expect(await ann.callerOf(ben)).to.deep.equal({ class: 'stranger', peer: ben.peer })
    await mute.stop()
  })

  it('does not believe an answer with the certificate of another device', async () => {
    const [ann, ben, mallory] = [await person(), await person(), await person()]
    // Mallory's machine answers with what Ben would say
    const greeting = ann.hello.greet(mallory.peer, ann.channelTo(ben))
    expect(await greeting.catch((error: { code: string }) => error.code)).to.equal('InvalidArgument')
    expect((await ann.callerOf(mallory)).twin).to.equal(undefined)
  })

  it('takes an expired device for a stranger, with ten minutes for clocks that differ', async () => {
    const [ann, ben] = [await person(), await person()]
    await ann.greet(ben)
    ben.now = start + 30 * day + 9 * 60_000
    expect((await ben.callerOf(ann)).twin).to.equal(ann.id)
    ben.now = start + 30 * day + 11 * 60_000
    expect(await ben.callerOf(ann)).to.deep.equal({ class: 'stranger', peer: ann.peer })
    ben.now = start - 11 * 60_000
    expect((await ben.callerOf(ann)).twin).to.equal(undefined)
  })

  it('believes a renewed certificate before the list has recorded it, but not one issued by a nobody', async () => {
    const [ann, ben] = [await person(), await person()]
    const late = start + 40 * day
    ben.now = late
    await ben.directory.receive(ann.twin, ann.list.since())
    ben.befriend(ann)
    const [term, seq, hash] = ann.list.head!
    const present = (certificate: Uint8Array) =>
      ben.hello.present(
        { certificate, head: { term, seq, hash }, records: [] },
        {
          caller: ben.hello.peerOf({ remotePeer: ann.peer }),
          signal: new AbortController().signal,
          method: 'present',
          relayed: false,
          version: '1.0'
        }
      )
    await present(await ann.certify())
    expect((await ben.callerOf(ann)).twin).to.equal(undefined)
    const init = {
      twin: ann.twin,
      number: 1,
      role: 'node',
      name: '',
      scopes: [],
      issued: late,
      expires: late + day
    } as const
    await present(await issueCertificate(init, ben.phrase.owner, ann.keys))
    expect((await ben.callerOf(ann)).twin).to.equal(undefined)
    await present(await ann.certify({ number: 2, issued: late, expires: late + day }))
    expect((await ben.callerOf(ann)).twin).to.equal(undefined)
    await present(await ann.certify({ issued: late, expires: late + day }))
    expect(await ben.callerOf(ann)).to.include({ class: 'contact', device: 1 })
  })

  it('has a page that was generated from its contract', async () => {
    const page = contractToMarkdown(helloProtocol)
    if (process.env.UPDATE_PAGES === '1') await writeFile('protocols/hello/README.md', page)
    expect(await readFile('protocols/hello/README.md', 'utf8')).to.equal(page)
  })
})

function toHead([term, seq, hash]: readonly [number, number, Uint8Array]) {
  return { term, seq, hash }
}
