/**
 * Signs its owner in at web sites. A site asks by a link, the owner looks at what it asks and allows it, and the device that answers signs;
 * the site verifies that with `twinmesh/login` and asks nobody.
 *
 * ```ts
 * const { request, nonce } = await library.challenge(['id', 'name'])
 * const { site, scopes } = await login.read({ request })
 * assert.equal(site, 'https://library.example')
 * const { url } = await login.approve({ request, scopes })
 * const { twin } = await library.verify(url.split('#twin=')[1], { nonce })
 * assert.equal(twin, anns)
 * ```
 * @packageDocumentation
 */
export type { LoginComponents, LoginInit } from './login.ts'
export * from './protocol.ts'
export { login } from './service.ts'
