import type { Components } from './dial-address.ts'

/** What is asked of the peer connection below an inbound connection of WebRTC. */
interface PeerConnection extends EventTarget {
  readonly connectionState: string
}

/**
 * Components whose upgrader takes an inbound WebRTC connection only once bytes can pass. `@libp2p/webrtc` hands over one that never
 * connected when its dialler gives up and closes the signalling stream; it would be kept in place of the relayed one that works.
 */
export function refuseUnconnected(components: Components): Components {
  return replacing(components, 'upgrader', upgrader =>
    replacing(upgrader, 'upgradeInbound', upgrade => async (connection, options) => {
      await connected(connection as unknown as { readonly peerConnection: PeerConnection }, options.signal)
      // Its overloads are called as they came
      await upgrade.call(upgrader, connection, options as never)
    })
  )
}

/** The same object but for one property. */
function replacing<T extends object, K extends keyof T>(of: T, name: K, change: (value: T[K]) => T[K]): T {
  return new Proxy(of, {
    get: (target, key) => {
      const value = Reflect.get(target, key)
      if (key === name) return change(value as T[K])
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

function connected({ peerConnection }: { readonly peerConnection: PeerConnection }, signal?: AbortSignal) {
  return new Promise<void>((resolve, reject) => {
    const end = () => {
      peerConnection.removeEventListener('connectionstatechange', look)
      signal?.removeEventListener('abort', look)
    }
    const look = () => {
      const { connectionState: state } = peerConnection
      if (state === 'new' || state === 'connecting') {
        if (signal?.aborted !== true) return
      }
      end()
      if (state === 'connected') resolve()
      else reject(new Error('The peer connection was never connected'))
    }
    peerConnection.addEventListener('connectionstatechange', look)
    signal?.addEventListener('abort', look)
    look()
  })
}
