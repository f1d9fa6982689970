/**
 * What the console's pages may do. Scripts and styles come from their own files, the page reaches twins over WebSockets
 * (and WebRTC, which no policy governs) and nothing else, and no string ever becomes code.
 */
const rules = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // blob: for pictures that came sealed and were opened here
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  // 'self' for the service worker; a twin may be at any address
  "connect-src 'self' ws: wss:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // One policy, for the address of the service worker
  'trusted-types twinmesh'
]

/** The same in the page itself, for hosts that send no headers; who may frame a page is for headers alone to say. */
export const pagePolicy = rules.filter(rule => !rule.startsWith('frame-ancestors')).join('; ')

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': rules.join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'permissions-policy':
    'camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), display-capture=()'
}
