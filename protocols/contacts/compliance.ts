/** What any contacts must show, written against its client: twins who may or may not reach each other. */
import { expect } from 'chai'
import { all, type ContactsTwin, codeOf, isIt, stateOf, strangerId, tokenOf } from './compliance-steps.ts'
import { tokenLength } from './protocol.ts'

export type { ContactsTwin }

export interface ContactsWorld {
  readonly ann: ContactsTwin
  readonly ben: ContactsTwin
  readonly cleo: ContactsTwin
  /** Lets time pass on every twin */
  advance(ms: number): void
  stop(): Promise<void>
}

export default function contactsCompliance(setup: () => Promise<ContactsWorld>): void {
  let world: ContactsWorld
  let ann: ContactsTwin
  let ben: ContactsTwin
  let cleo: ContactsTwin

  beforeEach(async () => {
    world = await setup()
    ann = world.ann
    ben = world.ben
    cleo = world.cleo
  })
  afterEach(() => world.stop())

  describe('invites', () => {
    it('an invite makes both contacts at once', async () => {
      const { link } = await ann.owner.invite({})
      expect(await ben.owner.add({ who: link, name: 'Ann' })).to.include({ id: ann.id, name: 'Ann', state: 'contact' })
      expect(await stateOf(ann, ben.id)).to.equal('contact')
    })

    it('an invite works for one twin, again and again for that one', async () => {
      const { link } = await ann.owner.invite({})
      const token = tokenOf(link)
      expect((await ann.from(ben.id).knock({ name: 'Ben', token })).state).to.equal('contact')
      expect((await ann.from(ben.id).knock({ name: 'Ben', token })).state).to.equal('contact')
      expect((await ann.from(cleo.id).knock({ name: 'Cleo', token })).state).to.equal('requested')
      expect(await stateOf(ann, cleo.id)).to.equal('knocking')
    })

    it('an invite ends with its time', async () => {
      const { link, expiresAt } = await ann.owner.invite({ expiresInMs: 60_000 })
      expect(expiresAt).to.be.a('number')
      world.advance(60_001)
      expect((await ben.owner.add({ who: link })).state).to.equal('requested')
      expect(await stateOf(ann, ben.id)).to.equal('knocking')
    })

    it('a token that nobody issued is a knock like any other', async () => {
      const token = new Uint8Array(tokenLength)
      expect((await ann.from(ben.id).knock({ name: 'Ben', token })).state).to.equal('requested')
    })

    it('what is not an invite link is refused with a reason', async () => {
      const whole = (await ann.owner.invite({})).link
      for (const who of [
        'hello',
        'twin:',
        whole.slice(0, 40),
        `${whole}x`,
        whole.replace('t=', 't=!'),
        `http://${ann.id}`
      ]) {
        expect(await codeOf(ben.owner.add({ who })), who).to.equal('InvalidArgument')
      }
      expect(await codeOf(ann.owner.add({ who: whole }))).to.equal('InvalidArgument')
    })
  })

  describe('knocks', () => {
    it('a twin added by its id is asked, and accepts', async () => {
      expect((await ben.owner.add({ who: ann.id, name: 'Ann', message: 'From the fair' })).state).to.equal('requested')
      const [knock] = await all(ann.owner.list({ state: 'knocking' }))
      expect(knock).to.include({ id: ben.id, message: 'From the fair' })
      expect((await ann.owner.accept({ who: knock!.name })).state).to.equal('contact')
      await isIt(ben, ann.id, 'contact')
    })

    it('two who ask each other are contacts', async () => {
      await ann.setReachable(false)
      await ben.owner.add({ who: ann.id })
      await ann.setReachable(true)
      await ann.owner.add({ who: ben.id })
      await isIt(ben, ann.id, 'contact')
      expect(await stateOf(ann, ben.id)).to.equal('contact')
    })

    it('adding somebody who knocks is accepting them', async () => {
      await ben.owner.add({ who: ann.id })
      expect((await ann.owner.add({ who: ben.id, name: 'Ben' })).state).to.equal('contact')
      await isIt(ben, ann.id, 'contact')
    })

    it('a request waits for a twin that is not reached, and goes out when it is', async () => {
      const { link } = await ann.owner.invite({})
      await ann.setReachable(false)
      const asked = await ben.owner.add({ who: link })
      expect(asked.state).to.equal('requested')
      expect(asked.note).to.match(/asked again/)
      await ann.setReachable(true)
      await isIt(ben, ann.id, 'contact')
      expect(await stateOf(ann, ben.id)).to.equal('contact')
    })

    it('an acceptance waits for a twin that is not reached, and goes out when it is', async () => {
      await ben.owner.add({ who: ann.id })
      await ben.setReachable(false)
      await ann.owner.accept({ who: ben.id })
      expect(await stateOf(ben, ann.id)).to.equal('requested')
      await ben.setReachable(true)
      await isIt(ben, ann.id, 'contact')
    })

    it('nobody becomes a contact by saying that they accepted', async () => {
      expect(await codeOf(ann.from(ben.id).accepted({ name: 'Ben' }))).to.equal('FailedPrecondition')
      await ann.from(ben.id).knock({ name: 'Ben' })
      expect(await codeOf(ann.from(ben.id).accepted({ name: 'Ben' }))).to.equal('FailedPrecondition')
      expect(await stateOf(ann, ben.id)).to.equal('knocking')
    })

    it('strangers share one small pool', async () => {
      let refused = 0
      for (let i = 0; i < 100; i++) {
        world.advance(10_000)
        if ((await codeOf(ann.from(strangerId(i)).knock({ name: 'Ann' }))) === 'ResourceExhausted') refused++
      }
      const waiting = await all(ann.owner.list({ state: 'knocking' }))
      expect(waiting).to.have.length(64)
      expect(refused).to.equal(36)
      expect(new Set(waiting.map(({ name }) => name)).size).to.equal(64)
    })

    it('strangers are slowed down together', async () => {
      const tries = Array.from({ length: 60 }, (_, i) => codeOf(ann.from(strangerId(i)).knock({ name: 'x' })))
      const codes = await Promise.all(tries)
      expect(codes.filter(code => code === 'ResourceExhausted').length).to.be.greaterThan(20)
      const { link } = await ann.owner.invite({})
      expect((await ben.owner.add({ who: link })).state).to.equal('contact')
    })

    it('a knock shows no more of a name than can be seen', async () => {
      await ann.from(ben.id).knock({ name: ' A\u202e\u0000d\u200ba\n ' })
      await ann.from(cleo.id).knock({ name: ann.id })
      const names = (await all(ann.owner.list({}))).map(({ name }) => name)
      expect(names).to.include('Ada')
      expect(names.filter(name => name.startsWith('12D3'))).to.deep.equal([])
    })
  })

  describe('the list', () => {
    beforeEach(async () => {
      const { link } = await ann.owner.invite({})
      await ben.owner.add({ who: link, name: 'Ann' })
    })

    it('names are unique, whatever their case', async () => {
      const { link } = await cleo.owner.invite({})
      expect(await codeOf(ben.owner.add({ who: link, name: 'ANN' }))).to.equal('AlreadyExists')
      await ben.owner.add({ who: link, name: 'Anna' })
      expect(await codeOf(ben.owner.rename({ who: 'Anna', name: 'Ann' }))).to.equal('AlreadyExists')
      expect((await ben.owner.rename({ who: 'Ann', name: 'Ann B.' })).name).to.equal('Ann B.')
    })

    it('somebody is meant by name, id or a beginning that only one has', async () => {
      const { link } = await cleo.owner.invite({})
      await ben.owner.add({ who: link, name: 'Anton' })
      expect((await ben.owner.rename({ who: 'ann', name: 'Ann' })).id).to.equal(ann.id)
      expect((await ben.owner.verify({ who: ann.id })).id).to.equal(ann.id)
      expect((await ben.owner.verify({ who: 'Ant' })).id).to.equal(cleo.id)
      expect((await ben.owner.verify({ who: ann.id.slice(0, 20) })).id).to.equal(ann.id)
      expect(await codeOf(ben.owner.verify({ who: 'An' }))).to.equal('FailedPrecondition')
      expect(await codeOf(ben.owner.verify({ who: 'Zoe' }))).to.equal('NotFound')
    })

    it('block() refuses everything and hides; unblock() gives back what was', async () => {
      expect((await ben.owner.block({ who: 'Ann' })).state).to.equal('blocked')
      expect(await codeOf(ben.from(ann.id).knock({ name: 'Ann' }))).to.equal('PermissionDenied')
      expect(await all(ben.owner.list({}))).to.deep.equal([])
      expect(await all(ben.owner.list({ state: 'blocked' }))).to.have.length(1)
      expect(await codeOf(ben.owner.verify({ who: 'Ann' }))).to.equal('NotFound')
      expect((await ben.owner.unblock({ who: 'Ann' })).state).to.equal('contact')
    })

    it('block() keeps out a twin that was never heard of', async () => {
      await ben.owner.block({ who: cleo.id })
      expect(await codeOf(ben.from(cleo.id).knock({ name: 'Cleo' }))).to.equal('PermissionDenied')
      await ben.owner.unblock({ who: cleo.id })
      expect((await ben.from(cleo.id).knock({ name: 'Cleo' })).state).to.equal('requested')
    })

    it('remove() forgets', async () => {
      expect(await ben.owner.remove({ who: 'Ann' })).to.deep.equal({ id: ann.id, removed: true })
      expect(await codeOf(ben.owner.remove({ who: 'Ann' }))).to.equal('NotFound')
    })

    it('verify() shows both the same code, and confirm() remembers', async () => {
      const here = await ben.owner.verify({ who: 'Ann' })
      const there = await ann.owner.verify({ who: ben.id })
      expect(here.code).to.equal(there.code)
      expect(here.code.replace(/ /g, '')).to.match(/^\d{60}$/)
      expect((await ben.owner.confirm({ who: 'Ann' })).verified).to.equal(true)
      expect((await ann.owner.verify({ who: ben.id })).verified).to.equal(false)
    })
  })
}
