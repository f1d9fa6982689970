// A web site that knows its visitors by their twins: `node server.mjs [PORT]` prints where it is. docs/login.md explains it.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createLogin, LoginError } from 'twinmesh/login'

const maxBodySize = 256 * 1024
/** Who is signed in, by the secret in the visitor's cookie */
const sessions = new Map()
/** The newest device list of each twin that was here: a device that was shut out stays out */
const lists = new Map()

const server = createServer((request, response) => {
  answer(request).then(
    ({ status = 200, headers = {}, body = '' }) => response.writeHead(status, { ...common, ...headers }).end(body),
    error => {
      console.error(error)
      response.writeHead(500, common).end('Something went wrong')
    }
  )
})
await new Promise(resolve => server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', resolve))
const origin = `http://localhost:${server.address().port}`
const login = createLogin({
  audience: origin,
  returnTo: `${origin}/signed-in`,
  newerList: twin => lists.get(twin)
})
console.log(JSON.stringify({ origin }))

const common = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'",
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store'
}

async function answer(request) {
  const { method, url } = request
  if (method === 'GET' && url === '/') return front(request)
  if (method === 'GET' && url === '/signed-in')
    return page('<p id="state">One moment…</p><script type="module" src="/signed-in.mjs"></script>')
  if (method === 'GET' && url === '/signed-in.mjs') {
    const body = await readFile(new URL('signed-in.mjs', import.meta.url))
    return { headers: { 'content-type': 'text/javascript' }, body }
  }
  // What changes something comes from our own pages
  if (method === 'POST' && request.headers.origin !== origin) return { status: 403, body: 'Not from here' }
  if (method === 'POST' && url === '/session') return begin(request)
  if (method === 'POST' && url === '/sign-out') {
    sessions.delete(cookie(request, 'session'))
    return { status: 303, headers: { location: '/', 'set-cookie': setCookie('session', '', 0) } }
  }
  return { status: 404, body: 'Not here' }
}

/** Greets who is signed in, and asks everybody else. */
async function front(request) {
  const visitor = sessions.get(cookie(request, 'session'))
  if (visitor !== undefined) {
    const name = visitor.name === undefined ? '' : `, ${escapeText(visitor.name)}`
    return page(`<h1>Welcome${name}</h1><p>Your twin is <code id="twin">${visitor.twin}</code>.</p>
      <form method="post" action="/sign-out"><button>Sign out</button></form>`)
  }
  const { link, request: code, nonce } = await login.challenge(['id', 'name'])
  return page(
    `<h1>A library</h1><p><a id="sign-in" href="${link}">Sign in with your twin</a></p>
      <p>Or put this behind the # of your console, or type: <code>twin login approve <span id="code">${code}</span></code></p>`,
    // The answer counts in this browser only
    { 'set-cookie': setCookie('asked', nonce, 600) }
  )
}

/** Takes the answer, which the page at /signed-in has found behind its `#`. */
async function begin(request) {
  try {
    const { twin, name, records } = await login.verify(await readBody(request), {
      nonce: cookie(request, 'asked') ?? ''
    })
    lists.set(twin, records)
    const secret = randomBytes(32).toString('base64url')
    sessions.set(secret, { twin, name })
    return { status: 204, headers: { 'set-cookie': [setCookie('session', secret, 86_400), setCookie('asked', '', 0)] } }
  } catch (error) {
    if (!(error instanceof LoginError)) throw error
    const body = JSON.stringify({ code: error.code, message: error.message })
    return { status: 403, headers: { 'content-type': 'application/json' }, body }
  }
}

async function readBody(request) {
  let body = ''
  for await (const chunk of request.setEncoding('latin1')) {
    body += chunk
    if (body.length > maxBodySize) throw new LoginError('malformed', 'The answer is too long')
  }
  return body
}

// Over https, `Secure` belongs here too
const setCookie = (name, value, seconds) => `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`
const cookie = (request, name) => new RegExp(`(?:^|; )${name}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1]
const escapeText = text => text.replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`)
const page = (body, headers = {}) => ({
  headers,
  body: `<!doctype html><title>A library</title><link rel="icon" href="data:,">${body}`
})
