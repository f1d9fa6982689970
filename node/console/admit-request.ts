import type { IncomingHttpHeaders } from 'node:http'

/** What is refused: a status and a sentence that tells a stranger nothing about the twin. */
export interface Refusal {
  readonly status: number
  readonly text: string
}

export interface RequestFacts {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** How often the header stands there: `headers` joins or drops what is repeated */
  readonly hostCount: number
}

/**
 * The whole decision of who may fetch the console's files. `hosts` are the exact `host:port` under which it is served: a page
 * of another name that was rebound to this address says its own name here. There is no cookie and no method but reading, so
 * whoever passes gets files that are public anyway.
 */
export function admitRequest(request: RequestFacts, hosts: ReadonlySet<string>): Refusal | undefined {
  const { method, headers } = request
  const { host, origin } = headers
  if (request.hostCount !== 1 || host === undefined || !hosts.has(host.toLowerCase())) return wrongHost
  if (origin !== undefined && !isOwnOrigin(origin, hosts)) return foreign
  if (isEmbedding(headers)) return foreign
  if (method !== 'GET' && method !== 'HEAD') return wrongMethod
  const length = headers['content-length']
  if (headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')) return withBody
  return undefined
}

const wrongHost: Refusal = { status: 421, text: 'This is not served under that name' }
const foreign: Refusal = { status: 403, text: 'Only pages of this address may ask' }
const wrongMethod: Refusal = { status: 405, text: 'Only GET and HEAD' }
const withBody: Refusal = { status: 413, text: 'A request for a file has no body' }

function isOwnOrigin(origin: string, hosts: ReadonlySet<string>): boolean {
  return origin.startsWith('http://') && hosts.has(origin.slice('http://'.length).toLowerCase())
}

/** Another site may link here, which opens a page of its own. It may not load a part, nor the page into a frame. */
function isEmbedding(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  // Absent on plain http from some browsers: this adds to the checks above and replaces none
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document'
}
