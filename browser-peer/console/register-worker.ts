interface TrustedPolicy {
  createScriptURL(url: string): string
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): TrustedPolicy
}

const worker = 'sw.js'

/** Keeps the console for when neither twin nor network is there. The policy admits this one address and no other. */
export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || !globalThis.isSecureContext) return
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('twinmesh', {
    createScriptURL: url => {
      if (url !== worker) throw new TypeError('No other script')
      return url
    }
  })
  await navigator.serviceWorker.register(policy?.createScriptURL(worker) ?? worker, { scope: './' })
}
