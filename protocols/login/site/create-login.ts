import { toString as bytesToString } from 'uint8arrays/to-string'
import { type Crypto, type MaybePromise, webCrypto } from '../../../crdt/crypto/index.ts'
import { DeviceList, isCurrent, isViewOnly, twinToText } from '../../../crdt/identity/index.ts'
import { type OpenedAnswer, openAnswer } from '../answer.ts'
import { LoginError } from '../login-error.ts'
import { hashRequest, isSiteOrigin, type LoginRequest, loginRequestToText } from '../request.ts'
import { type LoginScope, loginClockSkewMs, loginLifetimeMs } from '../rules.ts'
import { MemoryStore } from './memory-store.ts'

const nonceSize = 32

/** What a site keeps of a request until it expires. */
export interface OpenChallenge {
  /** base64url */
  readonly nonce: string
  /** Hash of the request, base64url */
  readonly request: string
  readonly scopes: readonly LoginScope[]
  /** ms since 1970 */
  readonly expiresAt: number
}

/** Where challenges are kept; of a site with several processes, one that they share. */
export interface LoginStore {
  /** Keeps a challenge until it expires */
  open(challenge: OpenChallenge): MaybePromise<void>
  /** The challenge with this nonce, used or not */
  read(nonce: string): MaybePromise<OpenChallenge | undefined>
  /** Marks it as used; true once, for one caller */
  use(nonce: string): MaybePromise<boolean>
}

export interface CreateLoginInit {
  /** The site's own origin, as browsers show it: `https://library.example` */
  readonly audience: string
  /** The page of the site that takes the answer from behind its `#`; by default the first page */
  readonly returnTo?: string
  /** By default in memory */
  readonly store?: LoginStore
  /** Records that the site knows of a twin's device list already: a revocation among them counts, whatever the answer brings */
  readonly newerList?: (twin: string) => MaybePromise<readonly Uint8Array[] | undefined>
  readonly crypto?: Crypto
  /** ms since 1970 */
  readonly now?: () => number
}

export interface Challenge {
  /** To be kept in a cookie of the visitor, out of reach of scripts: only the browser that asked is let in */
  readonly nonce: string
  /** `login/…`, to be put behind the `#` of a console's address */
  readonly request: string
  /** `web+twin:login/…`, which opens the console that the browser knows */
  readonly link: string
  /** ms since 1970 */
  readonly expiresAt: number
}

export interface SignedIn {
  /** Twin id: the same at every visit */
  readonly twin: string
  /** What the visitor calls themselves, if they told: plain text of theirs, to be escaped, and nothing to know anybody by */
  readonly name?: string
  /** Number of the device that answered */
  readonly device: number
  /** What the visitor granted, of what was asked */
  readonly scopes: readonly LoginScope[]
  /** The twin's device list: keep it and give it back as `newerList`, and nobody undoes a revocation that the site has seen */
  readonly records: readonly Uint8Array[]
}

/** How a site asks its visitors to sign in with their twin. */
export interface SiteLogin {
  /** A new request. By default it asks for the twin id alone. */
  challenge(scopes?: readonly LoginScope[]): Promise<Challenge>
  /**
   * Who has answered. An answer counts once.
   *
   * @param answer what stands behind `#twin=`
   * @throws {LoginError} with a `code` that says why not
   */
  verify(answer: string, expected: { readonly nonce: string }): Promise<SignedIn>
}

/** @throws {TypeError} when the audience is no origin, or the address to return to is not within it */
export function createLogin(init: CreateLoginInit): SiteLogin {
  const { audience, returnTo = `${init.audience}/`, crypto = webCrypto(), now = Date.now } = init
  const { store = new MemoryStore(now), newerList = () => undefined } = init
  const newRequest = (scopes: readonly LoginScope[]): LoginRequest => {
    return { audience, nonce: crypto.randomBytes(nonceSize), scopes, expiresAt: now() + loginLifetimeMs, returnTo }
  }
  if (!isSiteOrigin(audience))
    throw new TypeError('The audience is an origin as browsers show it: https://library.example')
  loginRequestToText(newRequest(['id']))
  return {
    challenge: async (scopes = ['id']) => {
      const request = newRequest(scopes)
      const [text, nonce] = [loginRequestToText(request), toText(request.nonce)]
      const { expiresAt } = request
      await store.open({ nonce, request: toText(hashRequest(request, crypto)), scopes, expiresAt })
      return { nonce, request: text, link: `web+twin:${text}`, expiresAt }
    },
    verify: async (answer, { nonce }) => {
      const opened = await openAnswer(answer, crypto)
      if (opened.audience !== audience) throw new LoginError('wrong-audience', 'The answer is for another site')
      checkChallenge(opened, nonce, await store.read(nonce))
      checkTime(opened, now())
      const id = twinToText(opened.twin)
      const list = await readList(opened, (await newerList(id)) ?? [], crypto)
      checkDevice(opened, list, now())
      // Last, so that nothing but a good answer uses it up
      if (!(await store.use(nonce))) throw new LoginError('replayed', 'This answer was used before: sign in again')
      const { name, device, scopes } = opened
      return { twin: id, ...(name !== undefined && { name }), device, scopes, records: list.since() }
    }
  }
}

function checkChallenge(answer: OpenedAnswer, nonce: string, challenge: OpenChallenge | undefined): void {
  const isAsked =
    challenge !== undefined &&
    challenge.nonce === nonce &&
    toText(answer.nonce) === nonce &&
    toText(answer.request) === challenge.request &&
    answer.scopes.every(scope => challenge.scopes.includes(scope)) &&
    answer.expiresAt <= challenge.expiresAt
  if (!isAsked)
    throw new LoginError('unknown-request', 'This is not the answer to what this site asked here: sign in again')
}

function checkTime({ issuedAt, expiresAt }: OpenedAnswer, now: number): void {
  if (now >= expiresAt) throw new LoginError('expired', 'The answer came too late: sign in again')
  if (issuedAt > now + loginClockSkewMs)
    throw new LoginError('expired', 'The clock of the device that answered is ahead')
}

/** Each record was verified, whatever order they came in. */
async function readList(answer: OpenedAnswer, newer: readonly Uint8Array[], crypto: Crypto): Promise<DeviceList> {
  const list = new DeviceList({ twin: answer.twin, crypto })
  for (const record of [...newer, ...answer.records]) await list.receive(record)
  return list
}

function checkDevice({ signer, device: number }: OpenedAnswer, list: DeviceList, now: number): void {
  const device = list.bySigning(signer)
  if (device === undefined || device.number !== number) {
    throw new LoginError('certificate', 'The device that answered is not on the device list of the twin')
  }
  if (list.isRevoked(number)) throw new LoginError('revoked', 'The device that answered was shut out of the twin')
  if (list.proof !== undefined) throw new LoginError('certificate', 'The device list of the twin contradicts itself')
  if (isViewOnly(device.certificate.scopes)) {
    throw new LoginError('certificate', 'The device that answered may only look, and speaks for nobody')
  }
  if (!isCurrent(device.certificate, now)) {
    throw new LoginError('certificate', 'The certificate of the device that answered has run out')
  }
}

function toText(bytes: Uint8Array): string {
  return bytesToString(bytes, 'base64url')
}
