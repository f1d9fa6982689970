/** A twin with devices of several kinds, a site, and answers of whatever form to show it. */
import { webCrypto } from '../../crdt/crypto/index.ts'
import { day, fixedDeviceKeys, start, type ThreeDevices, threeDevices } from '../../crdt/identity/identity.fixture.ts'
import type { Certificate, NodeDeviceKeys } from '../../crdt/identity/index.ts'
import { type LoginAnswer, sealAnswer } from './answer.ts'
import type { LoginScope } from './protocol.ts'
import { textToLoginRequest } from './request.ts'
import { type CreateLoginInit, createLogin, type SiteLogin } from './site/index.ts'

export const crypto = webCrypto()
export const audience = 'https://library.example'
export const at = start + day

/** Answers as the phone, device 2, unless something else is said. */
export class Visit {
  readonly twin: ThreeDevices
  readonly site: SiteLogin
  readonly nonce: string
  readonly request: string
  readonly #clock: { now: number }

  private constructor(
    twin: ThreeDevices,
    site: SiteLogin,
    asked: { nonce: string; request: string },
    clock: { now: number }
  ) {
    this.twin = twin
    this.site = site
    this.nonce = asked.nonce
    this.request = asked.request
    this.#clock = clock
  }

  static async begin(
    init: Partial<CreateLoginInit> = {},
    scopes: readonly LoginScope[] = ['id', 'name']
  ): Promise<Visit> {
    const clock = { now: at }
    const site = createLogin({ audience, returnTo: `${audience}/signed-in`, crypto, now: () => clock.now, ...init })
    return new Visit(await threeDevices(crypto), site, await site.challenge(scopes), clock)
  }

  advance(ms: number): void {
    this.#clock.now += ms
  }

  /** The same visitor, shown another request */
  shown(request: string): Visit {
    return new Visit(this.twin, this.site, { nonce: this.nonce, request }, this.#clock)
  }

  /** Another visitor at the same site */
  async another(): Promise<Visit> {
    return new Visit(this.twin, this.site, await this.site.challenge(['id', 'name']), this.#clock)
  }

  /** What an honest device signs, with some of it otherwise */
  fields(more: Partial<LoginAnswer> = {}): LoginAnswer {
    const { hash, audience, nonce, scopes, expiresAt } = textToLoginRequest(this.request, crypto, this.#clock.now)
    const honest = { request: hash, audience, nonce, twin: this.twin.twin, device: 2, scopes, name: 'Ann' }
    return { ...honest, issuedAt: this.#clock.now, expiresAt, ...more }
  }

  answer(
    more: Partial<LoginAnswer> = {},
    keys: NodeDeviceKeys = this.twin.phone,
    records: readonly Uint8Array[] = this.twin.list.since()
  ): Promise<string> {
    return sealAnswer(this.fields(more), keys.signing, records)
  }

  /** `none` when the site lets in */
  codeOf(answer: string, nonce = this.nonce): Promise<string> {
    return this.site.verify(answer, { nonce }).then(
      () => 'none',
      error => error.code as string
    )
  }
}

/** Lists a browser as device 4 of the twin. */
export async function listBrowser(
  { list, first, certify }: ThreeDevices,
  init: Partial<Certificate> = {}
): Promise<NodeDeviceKeys> {
  const keys = fixedDeviceKeys(crypto, 14)
  const certificate = await certify(keys, { number: 4, role: 'browser', name: 'tablet', scopes: [], ...init })
  await list.add(certificate, first.signing, start + 3)
  return keys
}

/** Devices that speak for nobody, as components of a login. */
export const levelScopes = {
  'may only look': async () => {
    const twin = await threeDevices(crypto)
    const keys = await listBrowser(twin, { scopes: ['level.view', `paired.${start}.1`] })
    return partsOf(twin, 4, keys)
  },
  'was revoked': async () => {
    const twin = await threeDevices(crypto)
    await twin.list.revoke(2, [], twin.first.signing, at)
    return partsOf(twin, 2, twin.phone)
  },
  'is on no list': async () => {
    const twin = await threeDevices(crypto)
    return partsOf(twin, 7, twin.thief)
  }
}

function partsOf({ twin, list }: ThreeDevices, device: number, { signing }: NodeDeviceKeys) {
  return { me: { twin, device, signer: signing }, directory: { get: () => list }, crypto }
}
