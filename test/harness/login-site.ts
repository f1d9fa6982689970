import { join } from 'node:path'
import { projectRoot } from '../project.ts'
import { Program } from './program.ts'

/** The example site as a process, and a visitor with a cookie jar. */
export class LoginSite {
  readonly origin: string
  readonly #program: Program

  private constructor(program: Program, origin: string) {
    this.#program = program
    this.origin = origin
  }

  static async start(): Promise<LoginSite> {
    const file = join(projectRoot, 'test/examples/login-site/server.mjs')
    const program = new Program(file, { args: [], lifeMs: 600_000 })
    const { origin } = await program.waitForJson<{ origin: string }>(value => 'origin' in value)
    return new LoginSite(program, origin)
  }

  visitor(): SiteVisitor {
    return new SiteVisitor(this.origin)
  }

  async stop(): Promise<void> {
    await this.#program.stop()
  }
}

export class SiteVisitor {
  readonly #origin: string
  readonly #cookies = new Map<string, string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  async page(): Promise<string> {
    return await (await this.#fetch('/')).text()
  }

  /** What the site asks, as it stands on its page */
  async asked(): Promise<string> {
    const code = /id="code">([^<]+)</.exec(await this.page())?.[1]
    if (code === undefined) throw new Error('The site asks nothing: somebody is signed in')
    return code
  }

  /** Does what the page does to which the answer is brought; `none`, or why it was refused. */
  async bring(url: string, origin = this.#origin): Promise<string> {
    const body = new URLSearchParams(new URL(url).hash.slice(1)).get('twin') ?? ''
    const response = await this.#fetch('/session', { method: 'POST', body, headers: { origin } })
    if (response.ok) return 'none'
    const isJson = response.headers.get('content-type') === 'application/json'
    return isJson ? ((await response.json()) as { code: string }).code : String(response.status)
  }

  async #fetch(path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
    const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${this.#origin}${path}`, { ...init, headers: { ...init.headers, cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^(\w+)=([^;]*)/.exec(line)!
      if (!/; HttpOnly; SameSite=Strict$/.test(line))
        throw new Error(`A cookie that scripts or other sites can use: ${line}`)
      this.#cookies.set(name!, value!)
    }
    return response
  }
}
