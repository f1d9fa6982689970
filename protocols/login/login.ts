import { type DeviceDirectory, isViewOnly, toPlainName } from '../../crdt/identity/index.ts'
import type { Crypto, Signer, Space } from '../../crdt/index.ts'
import { keyValue } from '../../crdt/key-value/index.ts'
import { type Implementation, ProtocolError } from '../core/index.ts'
import { sealAnswer } from './answer.ts'
import { LoginError } from './login-error.ts'
import type { LoginScope, loginProtocol, SignIn } from './protocol.ts'
import { type ReadRequest, textToLoginRequest } from './request.ts'
import { SignIns } from './sign-ins.ts'

export interface LoginComponents {
  readonly me: { readonly twin: Uint8Array; readonly device: number; readonly signer: Signer }
  readonly spaces: { readonly self: Space }
  readonly directory: Pick<DeviceDirectory, 'get'>
  readonly crypto: Crypto
}

export interface LoginInit {
  /** ms since 1970 */
  readonly now?: () => number
}

/** Answers sites with the key of this device. What is signed is built here from what was read, never handed in. */
export class Login implements Implementation<typeof loginProtocol> {
  readonly #components: LoginComponents
  readonly #signIns: SignIns
  readonly #now: () => number

  constructor(components: LoginComponents, { now = Date.now }: LoginInit = {}) {
    this.#components = components
    this.#signIns = new SignIns(() => components.spaces.self)
    this.#now = now
  }

  async read({ request: text }: { request: string }) {
    const { audience: site, scopes, expiresAt } = this.#parse(text)
    const [name, lastAt] = await Promise.all([this.#nameFor(scopes), this.#signIns.lastAt(site)])
    return { site, scopes: [...scopes], expiresAt, name, lastAt }
  }

  async approve({ request: text, scopes = ['id'] }: { request: string; scopes?: LoginScope[] }) {
    const request = this.#parse(text)
    checkGranted(scopes, request)
    const { audience: site, nonce, hash, expiresAt, returnTo } = request
    const { me, directory } = this.#components
    const list = directory.get(me.twin)
    const certificate = list?.device(me.device)?.certificate
    if (list === undefined || certificate === undefined || list.isRevoked(me.device) || list.proof !== undefined) {
      throw new ProtocolError(
        'FailedPrecondition',
        'This device does not speak for the twin, so no site would believe it'
      )
    }
    if (isViewOnly(certificate.scopes)) {
      throw new ProtocolError('FailedPrecondition', 'This device may only look: sign in with another one')
    }
    const name = await this.#nameFor(scopes)
    const answer = { request: hash, audience: site, nonce, twin: me.twin, device: me.device, scopes, name }
    const issuedAt = this.#now()
    const sealed = await sealAnswer({ ...answer, issuedAt, expiresAt }, me.signer, list.since()).catch(tooLong)
    await this.#signIns.add(me.device, site, scopes, issuedAt)
    return { site, scopes, expiresAt, url: `${returnTo}#twin=${sealed}` }
  }

  async *list(): AsyncGenerator<SignIn> {
    yield* await this.#signIns.list()
  }

  async forget({ site }: { site: string }): Promise<{ forgotten: number }> {
    const forgotten = await this.#signIns.forget(site)
    if (forgotten === 0) throw new ProtocolError('NotFound', 'There is no sign-in at this site')
    return { forgotten }
  }

  #parse(text: string): ReadRequest {
    try {
      return textToLoginRequest(text, this.#components.crypto, this.#now())
    } catch (cause) {
      if (!(cause instanceof LoginError)) throw cause
      const code = cause.code === 'expired' ? 'FailedPrecondition' : 'InvalidArgument'
      throw new ProtocolError(code, cause.message, { cause })
    }
  }

  async #nameFor(scopes: readonly LoginScope[]): Promise<string | undefined> {
    if (!scopes.includes('name')) return undefined
    const entry = await keyValue(this.#components.spaces.self, '.profile').get('name')
    const name = entry === undefined ? '' : new TextDecoder().decode(entry.value)
    return toPlainName(name) || undefined
  }
}

function checkGranted(scopes: readonly LoginScope[], request: ReadRequest): void {
  if (!scopes.includes('id') || new Set(scopes).size < scopes.length) {
    throw new ProtocolError('InvalidArgument', 'A sign-in tells at least the twin id, and each thing once')
  }
  if (scopes.some(scope => !request.scopes.includes(scope))) {
    throw new ProtocolError('InvalidArgument', 'The site does not ask for all of that')
  }
}

function tooLong(cause: unknown): never {
  if (!(cause instanceof RangeError)) throw cause
  throw new ProtocolError('FailedPrecondition', 'The device list of this twin has grown too long for a sign-in', {
    cause
  })
}
