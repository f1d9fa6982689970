/**
 * For web sites: lets visitors sign in with their twin. No account, no password, no service that is asked.
 *
 * ```ts
 * const login = createLogin({ audience: 'https://library.example', returnTo: 'https://library.example/signed-in' })
 * const { link, nonce } = await login.challenge(['id', 'name'])
 * const { twin, name } = await login.verify(answer, { nonce })
 * ```
 * @packageDocumentation
 */
export { LoginError, type LoginErrorCode } from '../login-error.ts'
export {
  type Challenge,
  type CreateLoginInit,
  createLogin,
  type LoginStore,
  type OpenChallenge,
  type SignedIn,
  type SiteLogin
} from './create-login.ts'
