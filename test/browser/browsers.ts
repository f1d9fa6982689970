import { accessSync } from 'node:fs'
import puppeteer, { type Browser } from 'puppeteer-core'
import { Kept } from '../harness/kept.ts'

export type BrowserName = 'chromium' | 'firefox'

const programs: Readonly<Record<BrowserName, readonly string[]>> = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox']
}
// Root, as in continuous integration, has no sandbox
const chromiumArgs = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking']
/** A host name that is resolved to this machine, for pages of others */
export const stranger = 'pages.example'
const firefoxPrefs = {
  'network.dns.localDomains': stranger,
  // As Chromium is told: a page behind another one is as quick
  'dom.min_background_timeout_value': 4,
  // No process is begun for a page that may never come
  'dom.ipc.processPrelaunch.enabled': false
}
const packages: Readonly<Record<BrowserName, string>> = { chromium: 'chromium', firefox: 'firefox-esr' }

/** One of each for all specs of a process, which open contexts of their own in it and close them. */
export const sharedBrowsers: Readonly<Record<BrowserName, Kept<Browser>>> = {
  chromium: shared('chromium'),
  firefox: shared('firefox')
}

/** Where the browser is, or in its place how to get it, and the package of Debian. */
export function findBrowser(
  name: BrowserName
): { readonly path: string } | { readonly missing: string; readonly package: string } {
  const path = programs[name].find(isThere)
  if (path !== undefined) return { path }
  const missing = `${name} is not installed: as root, apt-get install ${packages[name]}`
  return { missing, package: packages[name] }
}

/** @throws {Error} that says how to get one that is missing */
export function needBrowsers(names: readonly BrowserName[]): void {
  for (const name of names) {
    const found = findBrowser(name)
    if ('missing' in found) throw new Error(found.missing)
  }
}

export interface LaunchInit {
  /** A film that Chromium shows in place of a camera, without asking anybody */
  readonly film?: string
  /** Whoever signed the certificate of a host */
  readonly acceptsAnyCertificate?: boolean
  /** Port of a SOCKS proxy on this machine: nothing goes out but through it, and so nothing of WebRTC, which is UDP */
  readonly onlyWay?: number
}

export async function launch(name: BrowserName, init: LaunchInit = {}): Promise<Browser> {
  const { film, acceptsAnyCertificate = false, onlyWay } = init
  const found = findBrowser(name)
  if ('missing' in found) throw new Error(found.missing)
  const isChromium = name === 'chromium'
  return await puppeteer.launch({
    browser: isChromium ? 'chrome' : 'firefox',
    executablePath: found.path,
    headless: true,
    acceptInsecureCerts: acceptsAnyCertificate,
    args: isChromium
      ? [
          ...chromiumArgs,
          `--host-resolver-rules=MAP ${stranger} 127.0.0.1`,
          ...(film === undefined
            ? []
            : [
                '--use-fake-ui-for-media-stream',
                '--use-fake-device-for-media-stream',
                `--use-file-for-fake-video-capture=${film}`
              ]),
          // The script of a service worker is fetched on its own
          ...(acceptsAnyCertificate ? ['--ignore-certificate-errors'] : []),
          ...(onlyWay === undefined ? [] : chromiumArgsBehind(onlyWay))
        ]
      : [],
    ...(!isChromium && {
      extraPrefsFirefox: { ...firefoxPrefs, ...(onlyWay !== undefined && firefoxPrefsBehind(onlyWay)) }
    })
  })
}

function chromiumArgsBehind(port: number): string[] {
  return [
    `--proxy-server=socks5://127.0.0.1:${port}`,
    // This machine too
    '--proxy-bypass-list=<-loopback>',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--force-webrtc-ip-handling-policy'
  ]
}

function firefoxPrefsBehind(port: number) {
  return {
    'network.proxy.type': 1,
    'network.proxy.socks': '127.0.0.1',
    'network.proxy.socks_port': port,
    'network.proxy.socks_version': 5,
    'network.proxy.no_proxies_on': '',
    // This machine too
    'network.proxy.allow_hijacking_localhost': true,
    'media.peerconnection.ice.proxy_only': true
  }
}

function shared(name: BrowserName): Kept<Browser> {
  return new Kept(
    () => launch(name),
    browser => browser.close(),
    browser => browser.connected
  )
}

function isThere(path: string): boolean {
  try {
    accessSync(path)
    return true
  } catch {
    return false
  }
}
